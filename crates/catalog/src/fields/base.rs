//! Fields that come from the auth mode, not from the definition.

use dovetail_model::AuthMode;

use crate::definition::{Provider, TokenRequestAuth};

/// A field that the auth mode asks for.
pub(super) struct BaseField {
    pub name: &'static str,
    pub optional: bool,
    pub hidden: bool,
}

const fn asked(name: &'static str) -> BaseField {
    BaseField { name, optional: false, hidden: false }
}

/// The fields of the provider's auth mode, in order (3.1).
pub(super) fn base_fields(provider: &Provider) -> Vec<BaseField> {
    match provider.auth_mode() {
        AuthMode::ApiKey => vec![asked("apiKey")],
        AuthMode::Basic | AuthMode::Signature => vec![asked("username"), asked("password")],
        AuthMode::Oauth2Cc => {
            let by_key = provider.token_request_auth_method == Some(TokenRequestAuth::PrivateKeyJwt);
            let mut fields = vec![
                asked("client_id"),
                BaseField { name: "client_secret", optional: by_key, hidden: by_key },
            ];
            if provider.require_client_certificate {
                fields.extend([asked("client_certificate"), asked("client_private_key")]);
            }
            fields
        }
        AuthMode::Tba => vec![
            asked("oauth_client_id_override"),
            asked("oauth_client_secret_override"),
            asked("token_id"),
            asked("token_secret"),
        ],
        AuthMode::Bill => {
            vec![asked("username"), asked("password"), asked("organization_id"), asked("dev_key")]
        }
        AuthMode::AwsSigv4 => vec![asked("role_arn")],
        AuthMode::Oauth1
        | AuthMode::Oauth2
        | AuthMode::Custom
        | AuthMode::App
        | AuthMode::None
        | AuthMode::Jwt
        | AuthMode::TwoStep
        | AuthMode::McpOauth2
        | AuthMode::McpOauth2Generic
        | AuthMode::InstallPlugin => Vec::new(),
    }
}

/// Names of the fields of the provider's auth mode.
pub(crate) fn base_field_names(provider: &Provider) -> Vec<&'static str> {
    base_fields(provider).into_iter().map(|field| field.name).collect()
}

/// Label of a field whose definition gives none.
pub(super) fn title(name: &str) -> Option<&'static str> {
    Some(match name {
        "apiKey" => "API key",
        "username" => "User name",
        "password" => "Password",
        "client_id" => "Client ID",
        "client_secret" => "Client secret",
        "client_certificate" => "Client certificate",
        "client_private_key" | "privateKey" => "Private key",
        "oauth_client_id_override" => "OAuth client ID",
        "oauth_client_secret_override" => "OAuth client secret",
        "oauth_refresh_token_override" => "Refresh token",
        "token_id" => "Token ID",
        "token_secret" => "Token secret",
        "organization_id" => "Organization ID",
        "dev_key" => "Developer key",
        "role_arn" => "IAM role ARN",
        "issuerId" => "Issuer ID",
        "privateKeyId" => "Key ID",
        "pat_name" => "Personal access token name",
        "pat_secret" => "Personal access token secret",
        "content_url" => "Content URL",
        _ => return None,
    })
}

/// Whether a credential of this name is a secret even when its definition does not say so.
pub(super) fn is_secret(name: &str) -> bool {
    matches!(
        name,
        "apiKey"
            | "password"
            | "client_secret"
            | "client_certificate"
            | "client_private_key"
            | "privateKey"
            | "oauth_client_secret_override"
            | "oauth_refresh_token_override"
            | "token_id"
            | "token_secret"
            | "dev_key"
            | "pat_secret"
    )
}
