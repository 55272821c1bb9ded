//! `GET /environment-variables`: what the dashboard stored for functions (spec: http-api.md 2.3).

use axum::Router;
use axum::routing;
use dovetail_model::Scope;
use dovetail_store::environment_variables;
use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::auth::Auth;
use crate::call::Call;
use crate::state::AppState;
use crate::validate;
use crate::wire::{Answer, ApiResult, ok};

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/environment-variables", routing::get(list))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(list))]
pub struct Docs;

/// Lists the variables of the environment with their values.
#[utoipa::path(
    get,
    path = "/environment-variables",
    tag = "environments",
    security(("apiKey" = [])),
    responses((status = 200, description = "`[{\"name\", \"value\"}]`"), (status = 400), (status = 401), (status = 403), (status = 429))
)]
async fn list(call: Call) -> ApiResult<Answer<Vec<Value>>> {
    let caller = Auth::key().scope(Scope::VARIABLES_READ).check(&call).await?;
    validate::no_query(&call.query)?;
    validate::no_body(call.json())?;
    let mut db = call.app.store.read().await?;
    let variables = environment_variables::list(&mut db, caller.environment_id()).await?;
    Ok(ok(variables
        .iter()
        .map(|variable| json!({ "name": variable.name, "value": variable.value.expose() }))
        .collect()))
}
