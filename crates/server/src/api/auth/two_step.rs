//! `POST /auth/two-step/{providerConfigKey}` (spec: http-api.md 2.10, auth-modes.md).

use dovetail_model::AuthMode;
use serde_json::{Map, Value};

use crate::actions::link_account::{LinkAttempt, Linked, Submission};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, members};
use crate::wire::{Answer, ApiResult, ok};

/// Links an account by fields that are exchanged for a token. The body holds the fields of the provider's definition;
/// those of `assertionOption` are used once and not kept.
#[utoipa::path(
    post, path = "/auth/two-step/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose auth mode is TWO_STEP"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
    ),
    request_body(content = Object, example = json!({"username": "pia@acme.test", "password": "s3cret"})),
    responses(
        (status = 200, body = Linked),
        (status = 400, description = "`invalid_body`, `invalid_query_params`, `invalid_auth_mode`, `integration_not_allowed`, `invalid_connection`, `two_step_credentials_fetch_error`, `invalid_two_step_credentials`"),
        (status = 401, description = "`missing_public_key`, `unknown_connect_session_token`"),
        (status = 404, description = "`unknown_provider_config`, `unknown_provider_template`"),
        (status = 503, description = "`connection_test_unavailable`: the service could not be asked; try again"),
    ),
)]
pub(super) async fn link(call: Call) -> ApiResult<Answer<Linked>> {
    let caller = Auth::session_or_public().check(&call).await?;
    let mut fields = validate::body(&members(), call.json())?;
    fields.shift_remove("type");
    let assertion_option = match fields.shift_remove("assertionOption") {
        Some(Value::Object(option)) => option,
        _ => Map::new(),
    };
    let attempt = LinkAttempt::begin(&call, &caller, AuthMode::TwoStep).await?;
    Ok(ok(attempt.link(Submission { credentials: fields, assertion_option }).await?))
}
