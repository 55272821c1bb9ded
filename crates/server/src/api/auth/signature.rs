//! `POST /auth/signature/{providerConfigKey}` (spec: http-api.md 2.10, auth-modes.md).

use dovetail_model::AuthMode;

use crate::actions::link_account::{LinkAttempt, Linked, Submission};
use crate::auth::Auth;
use crate::call::Call;
use crate::limits::BASIC_CHARS;
use crate::validate::{self, field, object, string};
use crate::wire::{Answer, ApiResult, ok};

/// Links an account by a user name and a secret that sign every request (Web Services Security).
#[utoipa::path(
    post, path = "/auth/signature/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose auth mode is SIGNATURE"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
    ),
    request_body(content = Object, example = json!({"type": "SIGNATURE", "username": "acme001", "password": "s3cret"})),
    responses(
        (status = 200, body = Linked),
        (status = 400, description = "`invalid_body`, `invalid_query_params`, `invalid_auth_mode`, `integration_not_allowed`, `invalid_connection`, `signature_token_generation_error`, `connection_test_failed`"),
        (status = 401, description = "`missing_public_key`, `unknown_connect_session_token`"),
        (status = 404, description = "`unknown_provider_config`, `unknown_provider_template`"),
        (status = 503, description = "`connection_test_unavailable`: the service could not be asked; try again"),
    ),
)]
pub(super) async fn link(call: Call) -> ApiResult<Answer<Linked>> {
    let caller = Auth::session_or_public().check(&call).await?;
    let body = object((
        field("type", string().min(1).max(BASIC_CHARS)),
        field("username", string().min(1).max(BASIC_CHARS)),
        field("password", string().min(1).max(BASIC_CHARS)),
    ));
    let (_kind, username, password) = validate::body(&body, call.json())?;
    let attempt = LinkAttempt::begin(&call, &caller, AuthMode::Signature).await?;
    let form = Submission::of([("username", username), ("password", password)]);
    Ok(ok(attempt.link(form).await?))
}
