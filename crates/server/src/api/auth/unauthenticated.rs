//! `POST /auth/unauthenticated/{providerConfigKey}` (spec: http-api.md 2.10).

use dovetail_model::AuthMode;

use crate::actions::link_account::{LinkAttempt, Linked, Submission};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiResult, ok};

/// Makes a connection to a service that needs no credentials.
#[utoipa::path(
    post, path = "/auth/unauthenticated/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose auth mode is NONE"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
    ),
    responses(
        (status = 200, body = Linked),
        (status = 400, description = "`invalid_body`, `invalid_query_params`, `invalid_auth_mode`, `integration_not_allowed`, `invalid_connection`"),
        (status = 401, description = "`missing_public_key`, `unknown_connect_session_token`"),
        (status = 404, description = "`unknown_provider_config`, `unknown_provider_template`"),
    ),
)]
pub(super) async fn link(call: Call) -> ApiResult<Answer<Linked>> {
    let caller = Auth::session_or_public().check(&call).await?;
    validate::no_body(call.json())?;
    let attempt = LinkAttempt::begin(&call, &caller, AuthMode::None).await?;
    Ok(ok(attempt.link(Submission::default()).await?))
}
