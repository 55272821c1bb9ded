//! `POST /integrations/quickstart`: an integration with an app that the operator shares.

use dovetail_model::{AuthMode, Scope};
use serde_json::Value;

use super::body;
use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode};

/// Creates an integration that uses the operator's own app at the service.
///
/// No operator of this server shares an app, so a valid request learns why it cannot be served.
#[utoipa::path(
    post,
    path = "/integrations/quickstart",
    tag = "integrations",
    security(("apiKey" = [])),
    responses((status = 400), (status = 401), (status = 403), (status = 429))
)]
pub(super) async fn quickstart(call: Call) -> ApiResult<Answer<Value>> {
    Auth::key().scope(Scope::INTEGRATIONS_CREATE).check(&call).await?;
    if call.param("uniqueKey") != "quickstart" {
        return Err(ApiError::new(ErrorCode::MethodNotAllowed));
    }
    validate::no_query(&call.query)?;
    let draft = validate::body(&body::quickstart(), call.json())?;
    let catalog = call.app.catalog.current();
    let provider = catalog.get(&draft.provider).ok_or_else(crate::actions::integrations::invalid_provider)?;
    Err(match provider.auth_mode() {
        AuthMode::Oauth1 | AuthMode::Oauth2 | AuthMode::App => {
            ApiError::invalid_body(format!("No shared app is configured for {}.", provider.display_name))
        }
        _ => ApiError::invalid_body(format!(
            "{} needs no app; create the integration itself.",
            provider.display_name
        )),
    })
}
