//! `PATCH /connections/{connectionId}` (spec: http-api.md 2.7).

use dovetail_model::{Act, Scope, Tags, UrlOverride};
use dovetail_store::connections::{self, Found};

use super::{path_id, query_key};
use crate::actions::audit;
use crate::actions::connection_deed::on_connection;
use crate::api::shapes::{Success, end_user, tags, webhook_url};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::{self, Issue, Schema as _, field, object};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// Changes who a connection belongs to, its tags, or its own webhook target.
///
/// Tags are replaced: by those derived from `end_user`, overlaid by `tags`. Those that the limits of the key name stay.
#[utoipa::path(
    patch, path = "/connections/{connectionId}", tag = "connections",
    params(
        ("connectionId" = String, Path),
        ("provider_config_key" = String, Query, description = "Key of the integration"),
    ),
    request_body(content = Object, example = json!({"tags": {"team": "ops"}})),
    responses(
        (status = 200, body = Success),
        (status = 400, description = "`invalid_query_params`, `invalid_body`, `invalid_uri_params`, `unknown_provider_config`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
        (status = 404, description = "`not_found`"),
    ),
)]
pub(in crate::api) async fn patch(call: Call) -> ApiResult<Answer<Success>> {
    let caller = Auth::key().scope(Scope::CONNECTIONS_UPDATE).limited().check(&call).await?;
    let key = query_key(&call)?;
    let schema = object((
        field("end_user", end_user().optional()),
        field("tags", tags().optional()),
        field("webhook_url_override", webhook_url(&call.app.egress).optional()),
    ));
    let (end_user, tags, url) = validate::body(&schema, call.json())?;
    let id = path_id(&call)?;
    let environment = caller.environment_id();
    caller.permits(Act::Integration { key: &key })?;
    let mut tx = call.app.store.begin().await?;
    let info = match connections::find(&mut tx, environment, &key, &id).await? {
        Found::Connection(stored) if caller.reach.has(&stored.info) => stored.info,
        Found::NoIntegration => return Err(ApiError::new(ErrorCode::UnknownProviderConfig)),
        Found::Connection(_) | Found::NoConnection => {
            return Err(ApiError::not_found("There is no such connection of this integration."));
        }
    };
    let mut changed = Vec::new();
    if let Some(user) = &end_user {
        connections::update_end_user(&mut tx, environment, info.id, user).await?;
        changed.push("end_user");
    }
    if end_user.is_some() || tags.is_some() {
        let merged = Tags::derive(end_user.as_ref(), None)
            .overlaid(&tags.unwrap_or_default())
            .map_err(|_| too_many())?;
        let merged = caller.reach.stamped(merged, too_many)?;
        connections::set_tags(&mut tx, environment, info.id, &merged).await?;
        changed.push("tags");
    }
    if url.is_some() {
        connections::set_webhook_url(&mut tx, environment, info.id, UrlOverride::from_field(url)).await?;
        changed.push("webhook_url_override");
    }
    if !changed.is_empty() {
        audit::record(&mut tx, on_connection(&caller.actor, &info, "updated", changed)).await?;
    }
    tx.commit().await?;
    Ok(ok(Success::new()))
}

fn too_many() -> ApiError {
    let message = "Together with the tags derived from end_user there are more than 10 tags";
    ApiError::validation(ErrorCode::InvalidBody, vec![Issue::custom(message, ["tags"])])
}
