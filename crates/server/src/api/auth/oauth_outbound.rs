//! `POST /auth/oauth-outbound/{providerConfigKey}` (spec: http-api.md 2.10, auth-modes.md 4.5).

use dovetail_model::AuthMode;

use crate::actions::link_account::{LinkAttempt, Linked};
use crate::auth::Auth;
use crate::call::Call;
use crate::wire::{Answer, ApiResult, ok};

/// Makes a connection that waits: the account is linked when the service announces, in a signed webhook, that the
/// application was installed by the person whom the configuration names.
#[utoipa::path(
    post, path = "/auth/oauth-outbound/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose provider announces installations by itself"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[actor]=2938471`"),
    ),
    responses(
        (status = 200, body = Linked),
        (status = 400, description = "`invalid_body`: the integration has no client yet; `invalid_query_params`, `invalid_auth_mode`, `integration_not_allowed`, `invalid_connection`"),
        (status = 401, description = "`missing_public_key`, `unknown_connect_session_token`"),
        (status = 404, description = "`unknown_provider_config`, `unknown_provider_template`"),
    ),
)]
pub(super) async fn link(call: Call) -> ApiResult<Answer<Linked>> {
    let caller = Auth::session_or_public().check(&call).await?;
    // The body is nobody's: clients send their credentials' type, or nothing.
    let attempt = LinkAttempt::begin(&call, &caller, AuthMode::Oauth2).await?;
    Ok(ok(attempt.await_installation().await?))
}
