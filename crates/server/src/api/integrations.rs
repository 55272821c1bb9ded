//! `/integrations` (spec: http-api.md 2.5).

mod body;
mod create;
mod delete;
mod get;
mod list;
mod quickstart;
mod shape;
mod update;

use axum::Router;
use axum::routing;
use utoipa::OpenApi;

pub(crate) use shape::{credentials, shape, webhook_address, webhook_url};

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/integrations", routing::get(list::list).post(create::create)).route(
        "/integrations/{uniqueKey}",
        // `quickstart` is a word for POST and an ordinary key for every other method.
        routing::get(get::get).patch(update::update).delete(delete::delete).post(quickstart::quickstart),
    )
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    list::list,
    create::create,
    quickstart::quickstart,
    get::get,
    update::update,
    delete::delete
))]
pub struct Docs;
