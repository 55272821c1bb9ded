//! Credentials of `POST /connections`: one shape for each importable type (spec: http-api.md 2.7).

use dovetail_model::{
    BasicCredentials, ClientOverride, Credentials, Oauth1Credentials, Oauth2CcCredentials, Oauth2Credentials,
    Secret, SecretJson, TbaCredentials,
};
use serde_json::{Map, Value};

use super::date;
use crate::limits::{
    API_KEY_CHARS, BASIC_CHARS, CERTIFICATE_CHARS, CLIENT_ID_CHARS, CLIENT_SECRET_CHARS, OAUTH1_TOKEN_CHARS,
    OAUTH2_CC_TOKEN_CHARS, OAUTH2_TOKEN_CHARS,
};
use crate::validate::rules::MAX_NAME;
use crate::validate::{Cx, Schema, Tagged, field, literal, object, string, tagged, variant};

/// What was submitted.
#[derive(Clone, Debug)]
pub(crate) enum Submitted {
    /// Credentials that are complete as they are.
    Complete(Box<Credentials>),
    /// Fields that the provider gives a token for.
    Form(&'static str, Map<String, Value>),
    /// An app installation: its token has to be fetched from the service.
    AppInstallation {
        /// The type as submitted.
        kind: &'static str,
        /// The app.
        app_id: String,
        /// The installation.
        installation_id: String,
    },
}

impl Submitted {
    /// Credentials that are complete as they are.
    pub(crate) fn complete(credentials: Credentials) -> Self {
        Self::Complete(Box::new(credentials))
    }

    /// The `type` that was submitted.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Complete(credentials) => credentials.kind(),
            Self::Form(kind, _) | Self::AppInstallation { kind, .. } => kind,
        }
    }
}

/// Reads `credentials`; `raw` of token types is the submitted object itself.
#[derive(Debug)]
pub(crate) struct ImportCredentials(Tagged<Submitted>);

/// See [`ImportCredentials`].
pub(crate) fn import_credentials() -> ImportCredentials {
    ImportCredentials(tagged(
        "type",
        "Invalid input",
        vec![
            variant("OAUTH2", oauth2()),
            variant("OAUTH2_CC", oauth2_cc()),
            variant("OAUTH1", oauth1()),
            variant("BASIC", basic()),
            variant("API_KEY", api_key()),
            variant("TBA", tba()),
            variant("APP", installation("APP")),
            variant("CUSTOM", installation("CUSTOM")),
            variant("JWT", form("JWT")),
            variant("TWO_STEP", form("TWO_STEP")),
            variant("SIGNATURE", form("SIGNATURE")),
            variant("BILL", form("BILL")),
            variant("NONE", none()),
        ],
    ))
}

impl Schema for ImportCredentials {
    type Out = Submitted;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Submitted> {
        let mut submitted = self.0.read(value, cx)?;
        if let Submitted::Form(_, fields) = &mut submitted {
            fields.clone_from(value.and_then(Value::as_object)?);
            fields.shift_remove("type");
        }
        let raw = || SecretJson::new(value.cloned().unwrap_or_default());
        if let Submitted::Complete(credentials) = &mut submitted {
            match &mut **credentials {
                Credentials::Oauth2(tokens) => tokens.raw = raw(),
                Credentials::Oauth2Cc(tokens) => tokens.raw = raw(),
                Credentials::Oauth1(tokens) => tokens.raw = raw(),
                _ => {}
            }
        }
        Some(submitted)
    }
}

fn oauth2() -> impl Schema<Out = Submitted> + Send + Sync {
    object((
        field("type", literal("OAUTH2")),
        field("access_token", string().min(1).max(OAUTH2_TOKEN_CHARS)),
        field("refresh_token", string().min(1).max(OAUTH2_TOKEN_CHARS).optional()),
        field("expires_at", date().optional()),
        field("config_override", client_override().optional()),
    ))
    .map(|((), access_token, refresh_token, expires_at, config_override)| {
        Submitted::complete(Credentials::Oauth2(Oauth2Credentials {
            access_token: Secret::new(access_token),
            refresh_token: refresh_token.map(Secret::new),
            expires_at,
            raw: SecretJson::default(),
            config_override,
        }))
    })
}

fn client_override() -> impl Schema<Out = ClientOverride> + Send + Sync {
    object((
        field("client_id", string().min(1).max(CLIENT_ID_CHARS).optional()),
        field("client_secret", string().min(1).max(CLIENT_SECRET_CHARS).optional()),
    ))
    .map(|(client_id, client_secret)| ClientOverride {
        client_id,
        client_secret: client_secret.map(Secret::new),
    })
}

fn oauth2_cc() -> impl Schema<Out = Submitted> + Send + Sync {
    object((
        field("type", literal("OAUTH2_CC")),
        field("token", string().min(1).max(OAUTH2_CC_TOKEN_CHARS)),
        field("client_id", string().min(1).max(CLIENT_ID_CHARS)),
        field("client_secret", string().min(1).max(CLIENT_SECRET_CHARS)),
        field("client_certificate", string().min(1).max(CERTIFICATE_CHARS).optional()),
        field("client_private_key", string().min(1).max(CERTIFICATE_CHARS).optional()),
        field("expires_at", date().optional()),
    ))
    .map(|((), token, client_id, client_secret, client_certificate, client_private_key, expires_at)| {
        Submitted::complete(Credentials::Oauth2Cc(Oauth2CcCredentials {
            token: Secret::new(token),
            client_id,
            client_secret: Secret::new(client_secret),
            client_certificate,
            client_private_key: client_private_key.map(Secret::new),
            expires_at,
            raw: SecretJson::default(),
        }))
    })
}

fn oauth1() -> impl Schema<Out = Submitted> + Send + Sync {
    object((
        field("type", literal("OAUTH1")),
        field("oauth_token", string().min(1).max(OAUTH1_TOKEN_CHARS)),
        field("oauth_token_secret", string().min(1).max(OAUTH1_TOKEN_CHARS)),
    ))
    .map(|((), token, secret)| {
        Submitted::complete(Credentials::Oauth1(Oauth1Credentials {
            oauth_token: Secret::new(token),
            oauth_token_secret: Secret::new(secret),
            raw: SecretJson::default(),
        }))
    })
}

fn api_key() -> impl Schema<Out = Submitted> + Send + Sync {
    object((field("type", literal("API_KEY")), field("apiKey", string().min(1).max(API_KEY_CHARS))))
        .map(|((), key)| Submitted::complete(Credentials::api_key(key)))
}

fn basic() -> impl Schema<Out = Submitted> + Send + Sync {
    object((
        field("type", literal("BASIC")),
        field("username", string().max(BASIC_CHARS)),
        field("password", string().max(BASIC_CHARS)),
    ))
    .map(|((), username, password)| {
        Submitted::complete(Credentials::Basic(BasicCredentials {
            username,
            password: Secret::new(password),
        }))
    })
}

fn tba() -> impl Schema<Out = Submitted> + Send + Sync {
    object((
        field("type", literal("TBA")),
        field("token_id", string().min(1)),
        field("token_secret", string().min(1)),
        field("config_override", client_override().optional()),
    ))
    .map(|((), token_id, token_secret, config_override)| {
        Submitted::complete(Credentials::Tba(TbaCredentials {
            token_id,
            token_secret: Secret::new(token_secret),
            config_override: config_override.unwrap_or_default(),
        }))
    })
}

fn installation(kind: &'static str) -> impl Schema<Out = Submitted> + Send + Sync {
    object((
        field("type", literal(kind)),
        field("app_id", string().min(1).max(MAX_NAME)),
        field("installation_id", string().min(1).max(MAX_NAME)),
    ))
    .map(move |((), app_id, installation_id)| Submitted::AppInstallation {
        kind,
        app_id,
        installation_id,
    })
}

/// The definition knows the fields of these; they are checked against it.
fn form(kind: &'static str) -> impl Schema<Out = Submitted> + Send + Sync {
    object((field("type", literal(kind)),)).loose().map(move |_| Submitted::Form(kind, Map::new()))
}

fn none() -> impl Schema<Out = Submitted> + Send + Sync {
    object((field("type", literal("NONE")),)).map(|_| Submitted::complete(Credentials::None))
}

#[cfg(test)]
mod tests {
    use dovetail_model::RefreshTokens;
    use serde_json::json;

    use super::*;

    fn issues(value: Value) -> Value {
        json!(import_credentials().check(Some(&value)).unwrap_err())
    }

    #[test]
    fn each_type_reports_its_missing_fields_in_schema_order() {
        let expected: [(&str, &[&str]); 8] = [
            ("OAUTH2", &["access_token"]),
            ("OAUTH2_CC", &["token", "client_id", "client_secret"]),
            ("OAUTH1", &["oauth_token", "oauth_token_secret"]),
            ("BASIC", &["username", "password"]),
            ("API_KEY", &["apiKey"]),
            ("TBA", &["token_id", "token_secret"]),
            ("APP", &["app_id", "installation_id"]),
            ("CUSTOM", &["app_id", "installation_id"]),
        ];
        for (kind, fields) in expected {
            let missing: Vec<Value> = fields
                .iter()
                .map(|field| {
                    json!({"code": "invalid_type", "message": "Invalid input: expected string, received undefined", "path": [field]})
                })
                .collect();
            assert_eq!(issues(json!({"type": kind})), json!(missing), "{kind}");
        }
    }

    #[test]
    fn an_unknown_type_is_reported_at_the_type() {
        assert_eq!(
            issues(json!({"type": "AWS_SIGV4"})),
            json!([{"code": "invalid_union", "message": "Invalid input", "path": ["type"]}])
        );
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert_eq!(
            issues(json!({"type": "NONE", "foo": 1})),
            json!([{"code": "unrecognized_keys", "message": "Unrecognized key: \"foo\"", "path": []}])
        );
    }

    #[test]
    fn the_submitted_object_is_kept_as_raw() {
        let sent = json!({"type": "OAUTH2", "access_token": "t"});
        let Ok(Submitted::Complete(credentials)) = import_credentials().check(Some(&sent)) else {
            unreachable!("complete credentials")
        };
        assert_eq!(
            credentials.to_wire(RefreshTokens::Keep),
            json!({"type": "OAUTH2", "access_token": "t", "raw": sent})
        );
    }
}
