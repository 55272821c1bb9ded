//! `GET /integrations/{uniqueKey}`: one integration.

use dovetail_model::{Act, Scope};
use dovetail_store::integrations;
use serde_json::{Value, json};

use super::{credentials, shape, webhook_url};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, Schema as _, array, choice, field, object, rules, union};
use crate::wire::{Answer, ApiError, ApiResult, ok};

/// What can be added to the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Include {
    Webhook,
    Credentials,
}

/// Reads an integration. Without `integrations:read_credentials`, with a key that is never shown secrets,
/// and in a sealed environment the credentials are left out silently.
#[utoipa::path(
    get,
    path = "/integrations/{uniqueKey}",
    tag = "integrations",
    params(
        ("uniqueKey" = String, Path, description = "Key of the integration"),
        ("include" = Option<Vec<String>>, Query, description = "`webhook`, `credentials`; may be repeated"),
    ),
    security(("apiKey" = [])),
    responses((status = 200, description = "`{\"data\": Integration}`"), (status = 400), (status = 401), (status = 403), (status = 404), (status = 429))
)]
pub(super) async fn get(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::key()
        .one_of(&[Scope::INTEGRATIONS_READ, Scope::INTEGRATIONS_READ_CREDENTIALS])
        .limited()
        .check(&call)
        .await?;
    let (include,) = validate::query(&object((field("include", includes().optional()),)), &call.query)?;
    let (key,) = validate::params(&object((field("uniqueKey", rules::integration_key()),)), &call.params)?;
    caller.permits(Act::Integration { key: &key })?;
    let missing = || ApiError::not_found(format!("The integration {key} does not exist."));
    let mut db = call.app.store.read().await?;
    let integration =
        integrations::by_key(&mut db, caller.environment_id(), &key).await?.ok_or_else(missing)?;
    let catalog = call.app.catalog.current();
    let provider = catalog.get(&integration.provider).ok_or_else(missing)?;

    let mut data = shape(&integration, provider, &call.app.config);
    let include = include.unwrap_or_default();
    if include.contains(&Include::Webhook) {
        data.insert(
            "webhook_url".to_owned(),
            webhook_url(&integration, provider, &caller.environment, &call.app.config).into(),
        );
    }
    if include.contains(&Include::Credentials) && caller.may(Scope::INTEGRATIONS_READ_CREDENTIALS) {
        data.insert("credentials".to_owned(), credentials(&integration, provider));
    }
    Ok(ok(json!({ "data": data })))
}

/// One word or several.
fn includes() -> impl validate::Schema<Out = Vec<Include>> {
    const WORDS: &[(&str, Include)] = &[("webhook", Include::Webhook), ("credentials", Include::Credentials)];
    union(array(choice(WORDS)), choice(WORDS).map(|one| vec![one]))
}
