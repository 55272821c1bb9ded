//! `POST /oauth2/auth/{providerConfigKey}` (spec: http-api.md 2.10, auth-modes.md section 6).

use dovetail_model::AuthMode;
use serde_json::{Map, Value};

use crate::actions::link_account::{LinkAttempt, Linked, Submission};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, members};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Links an account by the end user's own OAuth client (RFC 6749 section 4.4).
#[utoipa::path(
    post, path = "/oauth2/auth/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose auth mode is OAUTH2_CC"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
    ),
    request_body(content = Object, example = json!({"client_id": "acme", "client_secret": "s3cret"})),
    responses(
        (status = 200, body = Linked),
        (status = 400, description = "`missing_client_id`, `missing_client_secret`, `unknown_provider_config`, `invalid_body`, `invalid_query_params`, `invalid_auth_mode`, `integration_not_allowed`, `invalid_connection`, `client_credentials_fetch_error`"),
        (status = 401, description = "`missing_public_key`, `unknown_connect_session_token`"),
        (status = 404, description = "`unknown_provider_template`"),
        (status = 503, description = "`connection_test_unavailable`: the service could not be asked; try again"),
    ),
)]
pub(super) async fn link(call: Call) -> ApiResult<Answer<Linked>> {
    let caller = Auth::session_or_public().check(&call).await?;
    let mut fields = validate::body(&members(), call.json())?;
    if is_empty(&fields, "client_id") {
        return Err(ApiError::new(ErrorCode::MissingClientId));
    }
    if is_empty(&fields, "client_secret") && is_empty(&fields, "client_private_key") {
        return Err(ApiError::new(ErrorCode::MissingClientSecret));
    }
    fields.shift_remove("type");
    let attempt =
        LinkAttempt::begin(&call, &caller, AuthMode::Oauth2Cc).await.map_err(|error| match error.code() {
            // Unlike its siblings this route says so with 400.
            ErrorCode::UnknownProviderConfigNotFound => error.with_code(ErrorCode::UnknownProviderConfig),
            _ => error,
        })?;
    Ok(ok(attempt.link(Submission { credentials: fields, ..Submission::default() }).await?))
}

fn is_empty(fields: &Map<String, Value>, name: &str) -> bool {
    fields.get(name).and_then(Value::as_str).is_none_or(str::is_empty)
}
