//! `POST /api-auth/basic/{providerConfigKey}` (spec: http-api.md 2.10).

use dovetail_model::AuthMode;

use crate::actions::link_account::{LinkAttempt, Linked, Submission};
use crate::auth::Auth;
use crate::call::Call;
use crate::limits::BASIC_CHARS;
use crate::validate::{self, field, object, string};
use crate::wire::{Answer, ApiResult, ok};

/// Links an account by user name and password; either may be empty. They are tested against the service before they
/// are kept.
#[utoipa::path(
    post, path = "/api-auth/basic/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose auth mode is BASIC"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
    ),
    request_body(content = Object, example = json!({"username": "pia@acme.test", "password": "s3cret"})),
    responses(
        (status = 200, body = Linked),
        (status = 400, description = "`invalid_body`, `invalid_query_params`, `invalid_auth_mode`, `integration_not_allowed`, `invalid_connection`, `connection_test_failed`"),
        (status = 401, description = "`missing_public_key`, `unknown_connect_session_token`"),
        (status = 404, description = "`unknown_provider_config`, `unknown_provider_template`"),
        (status = 503, description = "`connection_test_unavailable`: the service could not be asked; try again"),
    ),
)]
pub(super) async fn link(call: Call) -> ApiResult<Answer<Linked>> {
    let caller = Auth::session_or_public().check(&call).await?;
    let body =
        object((field("username", string().max(BASIC_CHARS)), field("password", string().max(BASIC_CHARS))));
    let (username, password) = validate::body(&body, call.json())?;
    let attempt = LinkAttempt::begin(&call, &caller, AuthMode::Basic).await?;
    let form = Submission::of([("username", username), ("password", password)]);
    Ok(ok(attempt.link(form).await?))
}
