//! `POST /auth/jwt/{providerConfigKey}` (spec: http-api.md 2.10, auth-modes.md).

use dovetail_model::AuthMode;

use crate::actions::link_account::{LinkAttempt, Linked, Submission};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, members};
use crate::wire::{Answer, ApiResult, ok};

/// Links an account by a key that signs tokens. The body holds the fields of the provider's definition.
#[utoipa::path(
    post, path = "/auth/jwt/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose auth mode is JWT"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
    ),
    request_body(content = Object, example = json!({"issuerId": "57246542", "privateKeyId": "2X9R", "privateKey": "-----BEGIN PRIVATE KEY-----…"})),
    responses(
        (status = 200, body = Linked),
        (status = 400, description = "`invalid_body`, `invalid_query_params`, `invalid_auth_mode`, `integration_not_allowed`, `invalid_connection`, `failed_to_sign`, `connection_test_failed`"),
        (status = 401, description = "`missing_public_key`, `unknown_connect_session_token`"),
        (status = 404, description = "`unknown_provider_config`, `unknown_provider_template`"),
        (status = 503, description = "`connection_test_unavailable`: the service could not be asked; try again"),
    ),
)]
pub(super) async fn link(call: Call) -> ApiResult<Answer<Linked>> {
    let caller = Auth::session_or_public().check(&call).await?;
    let mut fields = validate::body(&members(), call.json())?;
    fields.shift_remove("type");
    let attempt = LinkAttempt::begin(&call, &caller, AuthMode::Jwt).await?;
    Ok(ok(attempt.link(Submission { credentials: fields, ..Submission::default() }).await?))
}
