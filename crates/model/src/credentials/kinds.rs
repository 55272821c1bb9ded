//! One struct a credentials type; field names are the wire's (http-api 1.12).

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::Credentials;
use crate::secret::exposed;
use crate::{Secret, SecretJson, Timestamp};

/// OAuth 2 tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Oauth2Credentials {
    /// The access token.
    #[serde(default, with = "exposed", skip_serializing_if = "Secret::is_empty")]
    pub access_token: Secret,
    /// The refresh token, when the service gave one.
    #[serde(default, with = "exposed::option", skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// When the access token expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The service's answer verbatim.
    #[serde(default, with = "exposed::json")]
    pub raw: SecretJson,
    /// The end user's own OAuth client, in place of the integration's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_override: Option<ClientOverride>,
}

/// An OAuth client of the end user's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientOverride {
    /// The client's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The client's secret.
    #[serde(default, with = "exposed::option", skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
}

/// OAuth 1 tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Oauth1Credentials {
    /// The token.
    #[serde(with = "exposed")]
    pub oauth_token: Secret,
    /// Its secret.
    #[serde(with = "exposed")]
    pub oauth_token_secret: Secret,
    /// The service's answer verbatim.
    #[serde(default, with = "exposed::json")]
    pub raw: SecretJson,
}

/// A client's own token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Oauth2CcCredentials {
    /// The access token.
    #[serde(with = "exposed")]
    pub token: Secret,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    #[serde(with = "exposed")]
    pub client_secret: Secret,
    /// A certificate for mutual TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<String>,
    /// Its private key.
    #[serde(default, with = "exposed::option", skip_serializing_if = "Option::is_none")]
    pub client_private_key: Option<Secret>,
    /// When the token expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The service's answer verbatim.
    #[serde(default, with = "exposed::json")]
    pub raw: SecretJson,
}

/// A pasted key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyCredentials {
    /// The key.
    #[serde(rename = "apiKey", with = "exposed")]
    pub api_key: Secret,
}

/// User name and password; either may be empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasicCredentials {
    /// The user name (for some services the key).
    pub username: String,
    /// The password.
    #[serde(with = "exposed")]
    pub password: Secret,
}

/// An app installation's token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppCredentials {
    /// The installation's access token.
    #[serde(with = "exposed")]
    pub access_token: Secret,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The app's own JWT.
    #[serde(rename = "jwtToken", default, with = "exposed::option", skip_serializing_if = "Option::is_none")]
    pub jwt_token: Option<Secret>,
    /// The service's answer verbatim.
    #[serde(default, with = "exposed::json")]
    pub raw: SecretJson,
}

/// An installation and a user's grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomCredentials {
    /// The installation's token.
    #[serde(serialize_with = "tagged_app")]
    pub app: AppCredentials,
    /// The user's tokens.
    #[serde(default, serialize_with = "tagged_user")]
    pub user: Option<Oauth2Credentials>,
    /// The service's answer verbatim.
    #[serde(default, with = "exposed::json")]
    pub raw: SecretJson,
}

fn tagged_app<S: Serializer>(app: &AppCredentials, serializer: S) -> Result<S::Ok, S::Error> {
    Credentials::App(app.clone()).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "the signature serde asks for")]
fn tagged_user<S: Serializer>(user: &Option<Oauth2Credentials>, serializer: S) -> Result<S::Ok, S::Error> {
    user.clone().map(Credentials::Oauth2).serialize(serializer)
}

/// Permanent OAuth 1 tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TbaCredentials {
    /// The token's id.
    pub token_id: String,
    /// The token's secret.
    #[serde(with = "exposed")]
    pub token_secret: Secret,
    /// The end user's own consumer, in place of the integration's.
    #[serde(default)]
    pub config_override: ClientOverride,
}

/// A JWT and the fields it was signed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JwtCredentials {
    /// The signed token.
    #[serde(with = "exposed")]
    pub token: Secret,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The submitted fields, beside the token on the wire.
    #[serde(flatten)]
    pub fields: SecretFields,
}

/// A token and the fields it was exchanged for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoStepCredentials {
    /// The token.
    #[serde(with = "exposed")]
    pub token: Secret,
    /// The refresh token, when the service gave one.
    #[serde(default, with = "exposed::option", skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// When the token expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The service's answer verbatim.
    #[serde(default, with = "exposed::json")]
    pub raw: SecretJson,
    /// The submitted fields, beside the token on the wire.
    #[serde(flatten)]
    pub fields: SecretFields,
}

/// A session of the service and the login behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BillCredentials {
    /// The user name.
    pub username: String,
    /// The password.
    #[serde(with = "exposed")]
    pub password: Secret,
    /// The organisation.
    pub organization_id: String,
    /// The developer key.
    #[serde(with = "exposed")]
    pub dev_key: Secret,
    /// The session of the last login.
    #[serde(default, with = "exposed::option", skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Secret>,
    /// The user of the last login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// When the session expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The service's answer verbatim.
    #[serde(default, with = "exposed::json")]
    pub raw: SecretJson,
}

/// A login that signs every request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignatureCredentials {
    /// The user name.
    pub username: String,
    /// The password.
    #[serde(with = "exposed")]
    pub password: Secret,
    /// The last signature.
    #[serde(default, with = "exposed::option", skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Temporary AWS keys of an assumed role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AwsSigv4Credentials {
    /// The role to assume.
    pub role_arn: String,
    /// The region requests are signed for.
    pub region: String,
    /// The service requests are signed for.
    pub service: String,
    /// The temporary key's id.
    pub access_key_id: String,
    /// The temporary key.
    #[serde(with = "exposed")]
    pub secret_access_key: Secret,
    /// The temporary session.
    #[serde(with = "exposed")]
    pub session_token: Secret,
    /// When the temporary keys expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The id that guards against a confused deputy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The service's answer verbatim.
    #[serde(default, with = "exposed::json")]
    pub raw: SecretJson,
}

/// Fields an end user submitted, by name; shown as stars.
#[derive(Clone, Default, PartialEq)]
pub struct SecretFields(Map<String, Value>);

impl SecretFields {
    /// Wraps submitted fields.
    pub fn new(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// The fields themselves. Never log them.
    pub fn expose(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl std::fmt::Debug for SecretFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Serialize for SecretFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SecretFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self)
    }
}
