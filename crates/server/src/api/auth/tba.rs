//! `POST /auth/tba/{providerConfigKey}` (spec: http-api.md 2.10, auth-modes.md).

use dovetail_model::AuthMode;

use crate::actions::link_account::{LinkAttempt, Linked, Submission};
use crate::auth::Auth;
use crate::call::Call;
use crate::limits::OAUTH1_TOKEN_CHARS as TOKEN_CHARS;
use crate::validate::{self, Schema as _, field, object, string};
use crate::wire::{Answer, ApiResult, ok};

/// Links an account by a permanent token that signs requests together with the integration's consumer.
#[utoipa::path(
    post, path = "/auth/tba/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose auth mode is TBA"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
    ),
    request_body(content = Object, example = json!({"token_id": "8f1c", "token_secret": "s3cret"})),
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
    let body = object((
        field("token_id", string().min(1).max(TOKEN_CHARS)),
        field("token_secret", string().min(1).max(TOKEN_CHARS)),
        field("oauth_client_id_override", string().max(TOKEN_CHARS).optional()),
        field("oauth_client_secret_override", string().max(TOKEN_CHARS).optional()),
    ));
    let (token_id, token_secret, oauth_client_id_override, oauth_client_secret_override) =
        validate::body(&body, call.json())?;
    let attempt = LinkAttempt::begin(&call, &caller, AuthMode::Tba).await?;
    let mut form = Submission::of([("token_id", token_id), ("token_secret", token_secret)]);
    form.add([
        ("oauth_client_id_override", oauth_client_id_override),
        ("oauth_client_secret_override", oauth_client_secret_override),
    ]);
    Ok(ok(attempt.link(form).await?))
}
