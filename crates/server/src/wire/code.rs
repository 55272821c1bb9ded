//! Every error code this server can answer, with its status, envelope and default sentence.
//!
//! The snapshot of this table (`the_table_of_codes_is_frozen`) is the compatibility contract with clients:
//! they branch on `error.code` and on the HTTP status (spec: http-api.md section 4).

use http::StatusCode;

/// Which of the two JSON shapes an error is answered in (spec: http-api.md 1.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// `{"error":{"code","message"?,"errors"?,"payload"?}}`, written by handlers.
    Short,
    /// `{"error":{"message","code","payload"}}`, written by authentication and the legacy routes.
    Long,
}

/// One row of the table of codes.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// `error.code` on the wire.
    pub wire: &'static str,
    /// HTTP status.
    pub status: StatusCode,
    /// JSON shape.
    pub envelope: Envelope,
    /// The sentence answered when the caller of [`super::ApiError::new`] gives none; `""` is no message.
    pub message: &'static str,
}

macro_rules! codes {
    ($( $(#[$doc:meta])* $variant:ident => $wire:literal, $status:ident, $envelope:ident, $message:literal; )*) => {
        /// Every error code this server can answer. One variant is one (code, status, envelope) triple: codes that
        /// the wire uses with two statuses have two variants.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $( $(#[$doc])* $variant, )* }

        impl ErrorCode {
            /// All variants, in the order of the table.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// Status, envelope and default sentence of this code.
            pub const fn row(self) -> Row {
                match self {
                    $( Self::$variant => Row {
                        wire: $wire,
                        status: StatusCode::$status,
                        envelope: Envelope::$envelope,
                        message: $message,
                    }, )*
                }
            }
        }
    };
}

codes! {
    // --- before authentication
    /// The body is not JSON, or its top level is not an object or array.
    InvalidJson => "invalid_json", BAD_REQUEST, Short, "The body is not valid JSON.";
    /// A guarded route was sent another content type than JSON.
    InvalidContentType => "invalid_content_type", UNSUPPORTED_MEDIA_TYPE, Short, "Content-Type header must be application/json";
    /// The body is above the limit of the route.
    RequestTooLarge => "request_too_large", PAYLOAD_TOO_LARGE, Short, "The body is larger than this route accepts.";
    /// The body stopped arriving.
    RequestTimeout => "request_timeout", REQUEST_TIMEOUT, Short, "The body did not arrive in time.";
    /// The path exists, the method does not.
    MethodNotAllowed => "method_not_allowed", METHOD_NOT_ALLOWED, Short, "";

    // --- validation
    /// The body breaks a rule.
    InvalidBody => "invalid_body", BAD_REQUEST, Short, "";
    /// The query string breaks a rule.
    InvalidQueryParams => "invalid_query_params", BAD_REQUEST, Short, "";
    /// A path parameter breaks a rule.
    InvalidUriParams => "invalid_uri_params", BAD_REQUEST, Short, "";
    /// A header breaks a rule.
    InvalidHeaders => "invalid_headers", BAD_REQUEST, Short, "";

    // --- authentication
    /// No `Authorization` header.
    MissingAuthHeader => "missing_auth_header", UNAUTHORIZED, Long, "The Authorization header is missing.";
    /// The `Authorization` header could not be resolved.
    MalformedAuthHeader => "malformed_auth_header", UNAUTHORIZED, Long, "The Authorization header could not be read.";
    /// The key is not a UUID v4.
    InvalidSecretKeyFormat => "invalid_secret_key_format", UNAUTHORIZED, Long, "The API key does not have the form of a UUID v4.";
    /// No live key or environment answers to these credentials.
    UnknownAccount => "unknown_account", UNAUTHORIZED, Long, "No account answers to these credentials.";
    /// The time of the key is over.
    KeyExpired => "key_expired", UNAUTHORIZED, Long, "This API key has expired.";
    /// The session token does not have the form of one.
    InvalidConnectSessionTokenFormat => "invalid_connect_session_token_format", UNAUTHORIZED, Long, "The token does not have the form of a connect session token.";
    /// The session does not exist or has expired.
    UnknownConnectSessionToken => "unknown_connect_session_token", UNAUTHORIZED, Long, "The connect session does not exist or has expired.";
    /// Neither a session token nor a public key was given.
    MissingPublicKey => "missing_public_key", UNAUTHORIZED, Long, "A connect session token is missing.";
    /// The public key is not a UUID v4.
    InvalidPublicKey => "invalid_public_key", UNAUTHORIZED, Long, "The public key does not have the form of a UUID v4.";
    /// Public keys are not served; sessions are.
    DeprecatedAuthentication => "deprecated_authentication", UNAUTHORIZED, Short, "Public keys are not accepted. Create a connect session and send its token.";

    // --- permission and rate
    /// The caller lacks the scope, or the act is not allowed for it.
    Forbidden => "forbidden", FORBIDDEN, Short, "";
    /// The limits of the key do not permit it.
    KeyLimited => "key_limited", FORBIDDEN, Short, "The limits of this key do not permit this.";
    /// The environment is sealed: nobody is shown its secrets.
    EnvironmentSealed => "environment_sealed", FORBIDDEN, Short, "This environment is sealed: its secrets are shown to nobody.";
    /// The rate limit is used up.
    TooManyRequest => "too_many_request", TOO_MANY_REQUESTS, Short, "";

    // --- resources
    /// What was asked for does not exist.
    NotFound => "not_found", NOT_FOUND, Short, "";
    /// The name is taken.
    Conflict => "conflict", CONFLICT, Short, "The name is already in use.";
    /// A safety limit is reached.
    ResourceCapped => "resource_capped", BAD_REQUEST, Short, "The limit for this resource is reached.";
    /// The environment `prod` cannot be made a non-production one.
    InvalidIsProdFlag => "invalid_is_prod_flag", BAD_REQUEST, Short, "The environment named prod is always a production environment.";
    /// The environment `prod` cannot be deleted.
    CannotDeleteProdEnvironment => "cannot_delete_prod_environment", BAD_REQUEST, Short, "The environment named prod cannot be deleted.";
    /// More than one signing key is live.
    MultipleWebhookSigningKeys => "multiple_webhook_signing_keys", CONFLICT, Short, "The environment has more than one webhook signing key.";
    /// The signing key could not be replaced.
    RotationFailed => "rotation_failed", INTERNAL_SERVER_ERROR, Short, "The webhook signing key could not be replaced.";
    /// The integration does not exist (connection routes).
    UnknownProviderConfig => "unknown_provider_config", BAD_REQUEST, Short, "The integration does not exist.";
    /// The integration does not exist (direct authentication, proxy, webhooks, client metadata).
    UnknownProviderConfigNotFound => "unknown_provider_config", NOT_FOUND, Short, "The integration does not exist.";
    /// The integration does not exist (legacy routes).
    UnknownProviderConfigLegacy => "unknown_provider_config", BAD_REQUEST, Long, "The integration does not exist.";
    /// The integration's provider is not in the catalogue.
    UnknownProviderTemplate => "unknown_provider_template", NOT_FOUND, Short, "The provider of this integration is not in the catalogue.";
    /// The integration's provider is not in the catalogue (`/config`).
    UnknownProviderTemplateLegacy => "unknown_provider_template", BAD_REQUEST, Long, "The provider of this integration is not in the catalogue.";
    /// The connection does not exist (deletion and the like).
    UnknownConnection => "unknown_connection", BAD_REQUEST, Short, "The connection does not exist.";
    /// The connection does not exist (metadata).
    UnknownConnectionNotFound => "unknown_connection", NOT_FOUND, Short, "The connection does not exist.";
    /// The connection does not exist (legacy metadata).
    UnknownConnectionLegacy => "unknown_connection", NOT_FOUND, Long, "The connection does not exist.";
    /// The environment does not exist (webhook ingress, client metadata).
    UnknownEnvironment => "unknown_environment", NOT_FOUND, Short, "The environment does not exist.";
    /// The feature is not available in this configuration.
    FeatureDisabled => "feature_disabled", NOT_FOUND, Short, "This feature is not available in this configuration.";

    // --- linking an account
    /// The stored credentials can no longer be used.
    InvalidCredentials => "invalid_credentials", FAILED_DEPENDENCY, Short, "The credentials of this connection are no longer accepted by the service.";
    /// The last refresh failed; the next attempt is not due yet.
    ConnectionRefreshBackoff => "connection_refresh_backoff", FAILED_DEPENDENCY, Short, "The last refresh of this connection failed; the next attempt is not due yet.";
    /// The service refused the credentials.
    ConnectionTestFailed => "connection_test_failed", BAD_REQUEST, Short, "The service refused these credentials.";
    /// The service could not be asked about the credentials: nothing is known about them, nothing was kept, and the
    /// same request may pass later (auth-modes.md section 22).
    ConnectionTestUnavailable => "connection_test_unavailable", SERVICE_UNAVAILABLE, Short, "The service could not test these credentials right now.";
    /// The connection was refused by a validation rule.
    ConnectionValidationFailed => "connection_validation_failed", BAD_REQUEST, Short, "The connection was refused by a validation rule.";
    /// The integration's auth mode is another one.
    InvalidAuthMode => "invalid_auth_mode", BAD_REQUEST, Short, "The auth mode of this integration is a different one.";
    /// The integration's auth mode is another one (client credentials, app installation).
    InvalidAuthModeLegacy => "invalid_auth_mode", BAD_REQUEST, Long, "The auth mode of this integration is a different one.";
    /// The integration's auth mode is another one (app installation request).
    WrongAuthMode => "wrong_auth_mode", BAD_REQUEST, Long, "The auth mode of this integration is a different one.";
    /// The session does not allow this integration.
    IntegrationNotAllowed => "integration_not_allowed", BAD_REQUEST, Short, "";
    /// The session is bound to another connection.
    InvalidConnection => "invalid_connection", BAD_REQUEST, Short, "";
    /// Client credentials: the client id is missing.
    MissingClientId => "missing_client_id", BAD_REQUEST, Long, "The client id is missing.";
    /// Client credentials: the client secret is missing.
    MissingClientSecret => "missing_client_secret", BAD_REQUEST, Long, "The client secret is missing.";
    /// Client credentials: the token request failed.
    ClientCredentialsFetchError => "client_credentials_fetch_error", BAD_REQUEST, Long, "The service gave no token for these client credentials.";
    /// The definition has no token URL.
    MissingTokenUrl => "missing_token_url", BAD_REQUEST, Long, "The provider has no token URL.";
    /// Two-step: the token request failed.
    TwoStepCredentialsFetchError => "two_step_credentials_fetch_error", BAD_REQUEST, Long, "The service gave no token for these credentials.";
    /// Two-step: the credentials do not fit the provider.
    InvalidTwoStepCredentials => "invalid_two_step_credentials", BAD_REQUEST, Long, "These credentials do not fit the provider.";
    /// BILL: the service refused the credentials (the reference hangs here).
    InvalidBillCredentials => "invalid_bill_credentials", BAD_REQUEST, Short, "The service refused these credentials.";
    /// SIGNATURE: no token could be made (the reference hangs here).
    SignatureTokenGenerationError => "signature_token_generation_error", BAD_REQUEST, Short, "No signature token could be made from these credentials.";
    /// The token of a JWT connection cannot be signed with the given key.
    FailedToSign => "failed_to_sign", BAD_REQUEST, Long, "No token could be signed with this key.";
    /// SIGNATURE: the protocol of the definition is unknown.
    UnsupportedSignatureProtocol => "unsupported_signature_protocol", BAD_REQUEST, Short, "The signature protocol of this provider is not supported.";
    /// The AWS role could not be assumed.
    AwsSigv4StsRequestFailed => "aws_sigv4_sts_request_failed", BAD_GATEWAY, Long, "AWS did not give temporary credentials for this role.";
    /// The AWS integration is not configured completely.
    InvalidAwsSigv4Config => "invalid_aws_sigv4_config", BAD_REQUEST, Long, "The AWS settings of this integration are not complete.";

    // --- legacy import
    /// `provider_config_key` is missing.
    MissingProviderConfig => "missing_provider_config", BAD_REQUEST, Long, "The parameter provider_config_key is missing.";
    /// `access_token` is missing.
    MissingAccessToken => "missing_access_token", BAD_REQUEST, Long, "The parameter access_token is missing.";
    /// Neither an expiry nor `no_expiration`.
    MissingExpiresAt => "missing_expires_at", BAD_REQUEST, Long, "The parameter expires_at is missing; send no_expiration if the token does not expire.";
    /// `expires_at` is not a date.
    InvalidExpiresAt => "invalid_expires_at", BAD_REQUEST, Long, "The parameter expires_at is not a date.";
    /// `username` is missing.
    MissingBasicUsername => "missing_basic_username", BAD_REQUEST, Long, "The parameter username is missing.";
    /// `api_key` is missing.
    MissingApiKey => "missing_api_key", BAD_REQUEST, Long, "The parameter api_key is missing.";
    /// `app_id` is missing.
    MissingAppId => "missing_app_id", BAD_REQUEST, Long, "The parameter app_id is missing.";
    /// `installation_id` is missing.
    MissingInstallationId => "missing_installation_id", BAD_REQUEST, Long, "The parameter installation_id is missing.";
    /// `connection_config.accountId` is missing.
    MissingAccountId => "missing_account_id", BAD_REQUEST, Short, "The parameter connection_config.accountId is missing.";
    /// `oauth_token` is missing (the reference answers 500 here).
    MissingOauthToken => "missing_oauth_token", BAD_REQUEST, Long, "The parameter oauth_token is missing.";
    /// `oauth_token_secret` is missing (the reference answers 500 here).
    MissingOauthTokenSecret => "missing_oauth_token_secret", BAD_REQUEST, Long, "The parameter oauth_token_secret is missing.";
    /// The auth mode cannot be imported by the legacy route (the reference answers 500 here).
    UnknownOauthType => "unknown_oauth_type", BAD_REQUEST, Long, "Connections of this auth mode cannot be imported here.";
    /// No connection was named.
    MissingConnection => "missing_connection", BAD_REQUEST, Long, "The connection is missing.";

    // --- proxy
    /// Base URL overrides are switched off.
    BaseUrlOverrideDisabled => "base_url_override_disabled", BAD_REQUEST, Short, "Base URL overrides are switched off.";
    /// The base URL of the override is not allowed.
    BaseUrlOverrideNotAllowed => "base_url_override_not_allowed", BAD_REQUEST, Short, "This base URL is not allowed.";
    /// The provider has no base URL.
    MissingApiUrl => "missing_api_url", BAD_REQUEST, Short, "The provider has no base URL; send Base-Url-Override.";
    /// The connection has no provider.
    MissingProvider => "missing_provider", BAD_REQUEST, Short, "The provider of this connection is missing.";
    /// The connection's credentials cannot be used by the proxy.
    UnsupportedAuth => "unsupported_auth", BAD_REQUEST, Short, "The proxy cannot use the credentials of this connection.";
    /// The provider has no proxy settings.
    UnsupportedProvider => "unsupported_provider", BAD_REQUEST, Short, "The proxy does not support this provider.";
    /// The connection could not be read.
    FailedToGetConnection => "failed_to_get_connection", BAD_REQUEST, Short, "The connection could not be read.";
    /// The client certificate or its key cannot be read.
    InvalidCertificateOrKeyFormat => "invalid_certificate_or_key_format", BAD_REQUEST, Short, "The client certificate or its key cannot be read.";
    /// The proxied request could not be built.
    UnknownError => "unknown_error", BAD_REQUEST, Short, "The request could not be built.";
    /// The service did not answer.
    ProxyRequestFailed => "proxy_request_failed", BAD_REQUEST, Short, "The service did not answer.";
    /// The connection of a proxied request cannot be used.
    ServerErrorProxy => "server_error", BAD_REQUEST, Short, "The connection cannot be used.";

    // --- ours
    /// A handler met an inconsistency it names.
    ServerError => "server_error", INTERNAL_SERVER_ERROR, Short, "The server could not answer this request.";
    /// Anything unexpected; answered with an id that is also in the log.
    GenericErrorSupport => "generic_error_support", INTERNAL_SERVER_ERROR, Long, "The server could not answer this request.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_codes_is_frozen() {
        let mut table = String::new();
        for code in ErrorCode::ALL {
            let row = code.row();
            let status = row.status.as_u16();
            table.push_str(&format!("{code:?} {status} {:?} {} | {}\n", row.envelope, row.wire, row.message));
        }
        insta::assert_snapshot!("table_of_codes", table);
    }
}
