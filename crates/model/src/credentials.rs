//! What is kept of a linked account (http-api 1.12).

mod kinds;
mod redact;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use kinds::*;
pub use redact::{redact_path, redact_refresh_tokens};

use crate::Timestamp;

/// The credentials of a connection, by `type`. Its `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Credentials {
    /// OAuth 2 tokens; also of the MCP modes.
    #[serde(rename = "OAUTH2")]
    Oauth2(Oauth2Credentials),
    /// OAuth 1 tokens.
    #[serde(rename = "OAUTH1")]
    Oauth1(Oauth1Credentials),
    /// A client's own token.
    #[serde(rename = "OAUTH2_CC")]
    Oauth2Cc(Oauth2CcCredentials),
    /// A pasted key.
    #[serde(rename = "API_KEY")]
    ApiKey(ApiKeyCredentials),
    /// User name and password; also of `INSTALL_PLUGIN`.
    #[serde(rename = "BASIC")]
    Basic(BasicCredentials),
    /// An app installation's token.
    #[serde(rename = "APP")]
    App(AppCredentials),
    /// An installation and a user's grant.
    #[serde(rename = "CUSTOM")]
    Custom(Box<CustomCredentials>),
    /// Permanent OAuth 1 tokens.
    #[serde(rename = "TBA")]
    Tba(TbaCredentials),
    /// A JWT and the fields it was signed from.
    #[serde(rename = "JWT")]
    Jwt(JwtCredentials),
    /// A token and the fields it was exchanged for.
    #[serde(rename = "TWO_STEP")]
    TwoStep(TwoStepCredentials),
    /// A session of the service and the login behind it.
    #[serde(rename = "BILL")]
    Bill(BillCredentials),
    /// A login that signs every request.
    #[serde(rename = "SIGNATURE")]
    Signature(SignatureCredentials),
    /// Temporary AWS keys of an assumed role.
    #[serde(rename = "AWS_SIGV4")]
    AwsSigv4(AwsSigv4Credentials),
    /// No authentication; `{}` on the wire.
    #[serde(rename = "NONE")]
    None,
}

/// Whether an answer may hold refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokens {
    /// The caller asked for them (`refresh_token=true`), or just brought them.
    Keep,
    /// Every key that reads as `refreshtoken` is removed, at any depth.
    Redact,
}

impl Credentials {
    /// The `type` of these credentials.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Oauth2(_) => "OAUTH2",
            Self::Oauth1(_) => "OAUTH1",
            Self::Oauth2Cc(_) => "OAUTH2_CC",
            Self::ApiKey(_) => "API_KEY",
            Self::Basic(_) => "BASIC",
            Self::App(_) => "APP",
            Self::Custom(_) => "CUSTOM",
            Self::Tba(_) => "TBA",
            Self::Jwt(_) => "JWT",
            Self::TwoStep(_) => "TWO_STEP",
            Self::Bill(_) => "BILL",
            Self::Signature(_) => "SIGNATURE",
            Self::AwsSigv4(_) => "AWS_SIGV4",
            Self::None => "NONE",
        }
    }

    /// The object a permitted caller is answered. For `TWO_STEP` the caller also removes the provider's
    /// configured refresh-token path from `raw`, see [`redact_path`].
    pub fn to_wire(&self, refresh_tokens: RefreshTokens) -> Value {
        if matches!(self, Self::None) {
            return Value::Object(Map::new());
        }
        let mut value = self.to_stored();
        if refresh_tokens == RefreshTokens::Redact {
            redact_refresh_tokens(&mut value);
        }
        value
    }

    /// The document that is sealed: the wire shape with all fields, and a `type` also for `NONE`.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "plain structs with string keys always serialise"
    )]
    pub fn to_stored(&self) -> Value {
        serde_json::to_value(self).expect("credentials serialise")
    }

    /// The bytes that are sealed; see [`Self::to_stored`].
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "plain structs with string keys always serialise"
    )]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("credentials serialise")
    }

    /// Reads what [`Self::to_bytes`] wrote. The error never quotes the document.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MalformedCredentials> {
        serde_json::from_slice(bytes).map_err(|error| MalformedCredentials { line: error.line() })
    }

    /// When the access token, session or JWT expires; `None` when it does not, or it is unknown.
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Oauth2(c) => c.expires_at,
            Self::Oauth2Cc(c) => c.expires_at,
            Self::App(c) => c.expires_at,
            Self::Custom(c) => c.app.expires_at,
            Self::Jwt(c) => c.expires_at,
            Self::TwoStep(c) => c.expires_at,
            Self::Bill(c) => c.expires_at,
            Self::Signature(c) => c.expires_at,
            Self::AwsSigv4(c) => c.expires_at,
            Self::Oauth1(_) | Self::ApiKey(_) | Self::Basic(_) | Self::Tba(_) | Self::None => None,
        }
    }

    /// A pasted key.
    pub fn api_key(key: impl Into<crate::Secret>) -> Self {
        Self::ApiKey(ApiKeyCredentials { api_key: key.into() })
    }

    /// User name and password.
    pub fn basic(username: impl Into<String>, password: impl Into<crate::Secret>) -> Self {
        Self::Basic(BasicCredentials { username: username.into(), password: password.into() })
    }
}

/// A stored document that is no credentials object.
#[derive(Debug, thiserror::Error)]
#[error("stored credentials do not have the shape of their type (line {line})")]
pub struct MalformedCredentials {
    line: usize,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// One wire object of every type, in the shapes of http-api 1.12.
    fn examples() -> Vec<Value> {
        let at = "2026-02-03T04:05:06.789Z";
        vec![
            json!({"type":"OAUTH2","access_token":"a","refresh_token":"r","expires_at":at,
                "raw":{"access_token":"a","refresh_token":"r"},
                "config_override":{"client_id":"c","client_secret":"s"}}),
            json!({"type":"OAUTH1","oauth_token":"a","oauth_token_secret":"b","raw":{}}),
            json!({"type":"OAUTH2_CC","token":"t","client_id":"c","client_secret":"s",
                "client_certificate":"x","client_private_key":"y","expires_at":at,"raw":{}}),
            json!({"type":"API_KEY","apiKey":"k_live_1"}),
            json!({"type":"BASIC","username":"u","password":""}),
            json!({"type":"APP","access_token":"a","expires_at":at,"jwtToken":"j","raw":{}}),
            json!({"type":"CUSTOM","app":{"type":"APP","access_token":"a","raw":{}},
                "user":{"type":"OAUTH2","access_token":"a","raw":{}},"raw":{}}),
            json!({"type":"CUSTOM","app":{"type":"APP","access_token":"a","raw":{}},"user":null,"raw":{}}),
            json!({"type":"TBA","token_id":"i","token_secret":"s","config_override":{}}),
            json!({"type":"JWT","token":"t","expires_at":at,"privateKey":{"id":"1"},"issuerId":"x"}),
            json!({"type":"TWO_STEP","token":"t","refresh_token":"r","expires_at":at,"raw":{"x":1},"user":"pia"}),
            json!({"type":"BILL","username":"u","password":"p","organization_id":"o","dev_key":"d",
                "session_id":"s","user_id":"i","expires_at":at,"raw":{}}),
            json!({"type":"SIGNATURE","username":"u","password":"p","token":"t","expires_at":at}),
            json!({"type":"AWS_SIGV4","role_arn":"arn","region":"eu","service":"s3","access_key_id":"a",
                "secret_access_key":"b","session_token":"c","expires_at":at,"external_id":"e","raw":{}}),
        ]
    }

    #[test]
    fn every_type_reads_and_writes_its_wire_shape() {
        for wire in examples() {
            let credentials: Credentials = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(credentials.kind(), wire["type"]);
            assert_eq!(credentials.to_wire(RefreshTokens::Keep), wire);
            assert_eq!(Credentials::from_bytes(&credentials.to_bytes()).unwrap(), credentials);
        }
    }

    #[test]
    fn no_authentication_is_an_empty_object_on_the_wire() {
        assert_eq!(Credentials::None.to_wire(RefreshTokens::Redact), json!({}));
        assert_eq!(Credentials::from_bytes(&Credentials::None.to_bytes()).unwrap(), Credentials::None);
    }

    #[test]
    fn refresh_tokens_are_left_out_unless_asked_for() {
        let credentials: Credentials = serde_json::from_value(examples()[0].clone()).unwrap();
        let wire = credentials.to_wire(RefreshTokens::Redact);
        assert_eq!(wire.get("refresh_token"), None);
        assert_eq!(wire["raw"], json!({"access_token":"a"}));
    }

    #[test]
    fn debug_shows_no_secret() {
        for wire in [
            json!({"type":"API_KEY","apiKey":"hush"}),
            json!({"type":"TWO_STEP","token":"hush","raw":{"a":"hush"},"password":"hush"}),
        ] {
            let credentials: Credentials = serde_json::from_value(wire).unwrap();
            assert!(!format!("{credentials:?}").contains("hush"));
        }
    }

    #[test]
    fn a_malformed_document_is_not_quoted() {
        let error = Credentials::from_bytes(br#"{"type":"API_KEY","apiKey":["hush"]}"#).unwrap_err();
        assert!(!error.to_string().contains("hush"));
    }
}
