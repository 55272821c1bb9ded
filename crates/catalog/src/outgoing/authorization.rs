//! What authenticates a request before the definition says anything: by type of the stored credentials (5.2).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use url::Url;

use super::{
    endpoint::with_credentials,
    error::OutgoingError,
    facts::{Call, CredentialKind, CredentialView},
    sign::{self, Oauth1},
};
use crate::{
    definition::{Provider, SignatureMethod},
    template::{Context, Mode, Template},
};

/// Default headers by credential type.
pub(super) fn default_headers(
    call: &Call<'_>,
    provider: &Provider,
    url: &Url,
    form: &[(String, String)],
) -> Result<Vec<(String, String)>, OutgoingError> {
    let credentials = call.connection.credentials;
    let bearer = |token: Option<&str>| {
        token
            .map(|token| ("authorization".to_owned(), format!("Bearer {token}")))
            .into_iter()
            .collect::<Vec<_>>()
    };
    Ok(match credentials.kind {
        CredentialKind::Basic => {
            let part = |name: &str| credentials.text(name).unwrap_or_default();
            let pair = format!("{}:{}", part("username"), part("password"));
            vec![("authorization".to_owned(), format!("Basic {}", STANDARD.encode(pair)))]
        }
        CredentialKind::Oauth2 | CredentialKind::App => bearer(credentials.text("access_token")),
        CredentialKind::Oauth2Cc | CredentialKind::Signature | CredentialKind::Jwt => {
            bearer(credentials.text("token"))
        }
        CredentialKind::TwoStep if carries_its_token(provider) => Vec::new(),
        CredentialKind::TwoStep => bearer(credentials.text("token")),
        CredentialKind::Custom => {
            bearer(nested_token(credentials, "user").or_else(|| nested_token(credentials, "app")))
        }
        CredentialKind::Bill => [("sessionid", "session_id"), ("devkey", "dev_key")]
            .into_iter()
            .filter_map(|(header, field)| Some((header.to_owned(), credentials.text(field)?.to_owned())))
            .collect(),
        CredentialKind::Oauth1 => {
            let method = provider.signature_method.unwrap_or(SignatureMethod::HmacSha1);
            let value = sign::oauth1_header(&oauth1(call, method)?, call, url, form)?;
            vec![("authorization".to_owned(), value)]
        }
        CredentialKind::Tba => {
            let value = sign::oauth1_header(&tba(call)?, call, url, form)?;
            vec![("authorization".to_owned(), value)]
        }
        CredentialKind::ApiKey | CredentialKind::AwsSigv4 | CredentialKind::None => Vec::new(),
    })
}

/// Whether the definition's own headers carry the token, so that no `Bearer` is added.
fn carries_its_token(provider: &Provider) -> bool {
    provider.proxy.headers.iter().any(|(name, template)| {
        template.mentions("accessToken") || (name == "cookie" && template.mentions("credentials._cookies"))
    })
}

fn nested_token<'a>(credentials: &'a CredentialView, part: &str) -> Option<&'a str> {
    credentials.fields.get(part)?.get("access_token")?.as_str().filter(|token| !token.is_empty())
}

fn unsupported(reason: &str) -> OutgoingError {
    OutgoingError::UnsupportedAuth { reason: reason.to_owned() }
}

fn oauth1<'a>(call: &Call<'a>, method: SignatureMethod) -> Result<Oauth1<'a>, OutgoingError> {
    let credentials = call.connection.credentials;
    let filled = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
    Ok(Oauth1 {
        consumer_key: filled(call.integration.client_id)
            .ok_or_else(|| unsupported("the integration has no OAuth client id"))?,
        consumer_secret: filled(call.integration.client_secret)
            .ok_or_else(|| unsupported("the integration has no OAuth client secret"))?,
        token: credentials.text("oauth_token").unwrap_or_default(),
        token_secret: credentials.text("oauth_token_secret").unwrap_or_default(),
        method,
        realm: None,
    })
}

fn tba<'a>(call: &Call<'a>) -> Result<Oauth1<'a>, OutgoingError> {
    let credentials = call.connection.credentials;
    let config = call.connection.connection_config;
    let text = |value: Option<&'a Value>| value.and_then(Value::as_str).filter(|text| !text.is_empty());
    let own = |name: &str| text(credentials.fields.get("config_override").and_then(|own| own.get(name)));
    let account = text(config.get("accountId"))
        .ok_or_else(|| OutgoingError::MissingConnectionConfig { name: "accountId".to_owned() })?;
    Ok(Oauth1 {
        consumer_key: own("client_id")
            .or_else(|| text(config.get("oauth_client_id")))
            .or(call.integration.client_id.filter(|id| !id.is_empty()))
            .ok_or_else(|| {
                unsupported("neither the connection nor the integration has an OAuth client id")
            })?,
        consumer_secret: own("client_secret")
            .or_else(|| text(config.get("oauth_client_secret")))
            .or(call.integration.client_secret.filter(|secret| !secret.is_empty()))
            .ok_or_else(|| {
                unsupported("neither the connection nor the integration has an OAuth client secret")
            })?,
        token: credentials.text("token_id").unwrap_or_default(),
        token_secret: credentials.text("token_secret").unwrap_or_default(),
        method: SignatureMethod::HmacSha256,
        realm: Some(account.replace('-', "_").to_uppercase()),
    })
}

/// Where the integration puts its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    Header,
    Query,
}

/// The key that an integration of a provider with `integration_config.keyName` adds to its requests:
/// where, under which name, and its value.
pub(super) fn generic_key<'a>(
    call: &Call<'a>,
    config: &Map<String, Value>,
) -> Option<(Placement, &'a str, String)> {
    let provider = call.provider?;
    if !provider.integration_config.contains("keyName") {
        return None;
    }
    let own = |name: &str| {
        call.integration.custom.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    };
    let name = own("keyName")?;
    let template = Template::parse(own("valueTemplate").unwrap_or("${apiKey}"));
    let context =
        with_credentials(Context::new(call.moment).connection_config(config), call.connection.credentials);
    let value = template.render(Mode::Proxy, &context).complete()?;
    let placement = if own("keyPlacement") == Some("query") { Placement::Query } else { Placement::Header };
    Some((placement, name, value))
}
