//! `GET /integrations`: the integrations of the environment.

use dovetail_model::{Act, AuthMode, Scope};
use dovetail_store::integrations;
use serde_json::{Value, json};

use super::shape;
use crate::actions::external_id::{self, EXTERNAL_ID};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate;
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Lists integrations by provider, then by age. A key with limits sees those it reaches, a session
/// those it may link, with the `external_id` that an AWS
/// role to be linked has to name.
#[utoipa::path(
    get,
    path = "/integrations",
    tag = "integrations",
    security(("apiKey" = []), ("connectSession" = [])),
    responses((status = 200, description = "`{\"data\": [Integration]}`"), (status = 400), (status = 401), (status = 403), (status = 429))
)]
pub(super) async fn list(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::session_or_key()
        .one_of(&[Scope::INTEGRATIONS_LIST, Scope::INTEGRATIONS_LIST_CREDENTIALS])
        .limited()
        .check(&call)
        .await?;
    validate::no_query(&call.query)?;
    let catalog = call.app.catalog.current();
    let mut data = Vec::new();
    for integration in integrations::list(&mut call.app.store.read().await?, caller.environment_id()).await? {
        if caller.session.as_ref().is_some_and(|session| !session.allows(&integration.unique_key)) {
            continue;
        }
        if caller.permits(Act::Integration { key: &integration.unique_key }).is_err() {
            continue;
        }
        let provider = catalog.get(&integration.provider).ok_or_else(|| {
            ApiError::new(ErrorCode::ServerError).message(format!(
                "The provider of the integration {} is not in the catalogue.",
                integration.unique_key
            ))
        })?;
        let mut shape = shape(&integration, provider, &call.app.config);
        if caller.session.is_some()
            && let Some(listing) = catalog.listing(&integration.provider)
        {
            // By these words the Connect page finds it.
            shape.insert("categories".to_owned(), listing.categories().collect::<Vec<_>>().into());
            if let Some(alias) = listing.alias() {
                shape.insert("alias".to_owned(), alias.into());
            }
        }
        if let Some(session) = &caller.session
            && provider.auth_mode() == AuthMode::AwsSigv4
            && session.reconnects().is_none()
        {
            let id = external_id::of_session(&caller.environment, session, &integration.unique_key);
            shape.insert(EXTERNAL_ID.to_owned(), id.into());
        }
        data.push(shape);
    }
    Ok(ok(json!({ "data": data })))
}
