//! Reading a token response (auth-modes.md 2.9).

use dovetail_catalog::Provider;
use dovetail_model::{Oauth2Credentials, Secret, SecretJson, Timestamp};
use serde_json::{Map, Value};

use crate::obtain::ObtainError;
use crate::token_request::expires_of;

/// The tokens of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) expires_at: Option<Timestamp>,
    /// The answer verbatim, with the computed expiry.
    pub(crate) raw: SecretJson,
}

impl Tokens {
    /// As credentials of the integration's own client.
    pub(crate) fn into_credentials(self) -> Oauth2Credentials {
        Oauth2Credentials {
            access_token: self.access,
            refresh_token: self.refresh,
            expires_at: self.expires_at,
            raw: self.raw,
            config_override: None,
        }
    }
}

/// Finds the tokens: at the top, or where the definition says they are.
pub(crate) fn read_tokens(provider: &Provider, body: Value, now: Timestamp) -> Result<Tokens, ObtainError> {
    let Value::Object(mut answer) = body else {
        return Err(ObtainError::Unreadable("it is no object".to_owned()));
    };
    let no_token = || ObtainError::Unreadable("it has no access token".to_owned());
    let text = |from: &Map<String, Value>, name: &str| {
        from.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let unit = provider.expires_in_unit;
    let (access, refresh, expires_at) = if let Some(access) = text(&answer, "access_token") {
        (access, text(&answer, "refresh_token"), expires_of(&answer, now, unit))
    } else {
        let path = provider.alternate_access_token_response_path.as_deref().ok_or_else(no_token)?;
        match at(&answer, path) {
            Some(Value::Object(inner)) => {
                let access = text(inner, "access_token").ok_or_else(no_token)?;
                (access, text(inner, "refresh_token"), expires_of(inner, now, unit))
            }
            Some(Value::String(token)) if !token.is_empty() => {
                (token.clone(), text(&answer, "refresh_token"), expires_of(&answer, now, unit))
            }
            _ => return Err(no_token()),
        }
    };
    if let Some(at) =
        expires_at.filter(|_| answer.contains_key("expires_at") || answer.contains_key("expires_in"))
    {
        answer.insert("expires_at".to_owned(), at.iso_z().into());
    }
    Ok(Tokens {
        access: access.into(),
        refresh: refresh.map(Into::into),
        expires_at,
        raw: SecretJson::new(Value::Object(answer)),
    })
}

fn at<'a>(answer: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let first = answer.get(parts.next()?)?;
    parts.try_fold(first, |value, key| value.get(key))
}
