//! `GET /connections` (spec: http-api.md 2.7).

use dovetail_model::{Scope, Tags};
use dovetail_store::connections::{self, Filter, Page};
use serde_json::{Value, json};

use crate::api::shapes::{connection, tags};
use crate::auth::Auth;
use crate::call::Call;
use crate::limits::{DEFAULT_PAGE_CONNECTIONS, MAX_PAGE_CONNECTIONS};
use crate::validate::rules::MAX_NAME;
use crate::validate::{self, Schema as _, field, number, object, string};
use crate::wire::{Answer, ApiResult, ok};

/// Lists connections, newest first. All filters must match. A key with limits sees those it reaches.
#[utoipa::path(
    get, path = "/connections", tag = "connections",
    params(
        ("connectionId" = Option<String>, Query, description = "Exact id; several integrations may have a connection of one id"),
        ("search" = Option<String>, Query, description = "Part of the id, the end user's name or email, in any case"),
        ("integrationId" = Option<String>, Query, description = "Integration keys, separated by commas"),
        ("endUserId" = Option<String>, Query, description = "Exact end user id"),
        ("endUserOrganizationId" = Option<String>, Query, description = "Exact organisation id"),
        ("tags" = Option<Object>, Query, style = DeepObject, description = "Exact tag values: `tags[team]=ops`"),
        ("limit" = Option<u32>, Query, description = "Connections of a page, 1 to 2000; 10000 when absent"),
        ("page" = Option<u32>, Query, description = "Zero-based number of the page"),
    ),
    responses(
        (status = 200, body = Object, example = json!({"connections": []})),
        (status = 400, description = "`invalid_query_params`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
    ),
)]
pub(in crate::api) async fn list(call: Call) -> ApiResult<Answer<Value>> {
    let scopes = [Scope::CONNECTIONS_LIST, Scope::CONNECTIONS_LIST_CREDENTIALS];
    let caller = Auth::key().one_of(&scopes).limited().check(&call).await?;
    let name = || string().min(1).max(MAX_NAME).optional();
    let schema = object((
        field("connectionId", name()),
        field("search", name()),
        field("integrationId", string().min(1).optional()),
        field("endUserId", name()),
        field("endUserOrganizationId", name()),
        field("tags", tags().optional()),
        field("limit", number().coerce().min(1).max(MAX_PAGE_CONNECTIONS).optional()),
        field("page", number().coerce().min(0).optional()),
    ));
    let (connection_id, search, integrations, end_user_id, organization_id, tags, limit, page) =
        validate::query(&schema, &call.query)?;
    let filter = Filter {
        connection_id,
        search,
        integrations: integrations.as_deref().map(keys).unwrap_or_default(),
        end_user_id,
        organization_id,
        tags: tags.unwrap_or_else(Tags::default),
        within: caller.reach.limits().cloned(),
        with_errors: None,
    };
    let page = Page {
        limit: limit.map_or(DEFAULT_PAGE_CONNECTIONS, |limit| limit as i64),
        number: page.map_or(0, |page| page as i64),
    };
    let mut db = call.app.store.read().await?;
    let found = connections::list(&mut db, caller.environment_id(), &filter, page).await?;
    let found: Vec<Value> = found.iter().map(connection::summary).collect();
    Ok(ok(json!({ "connections": found })))
}

/// Keys separated by commas.
fn keys(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect()
}
