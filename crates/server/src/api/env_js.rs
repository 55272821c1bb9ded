//! `GET /env.js`: where pages of the reference look up their surroundings.

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use http::{HeaderValue, header};
use serde_json::json;
use utoipa::OpenApi;

use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new().route("/env.js", get(env_js))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(env_js))]
pub struct Docs;

const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const JAVASCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");

/// A script that sets `window._env`. No authentication.
#[utoipa::path(
    get,
    path = "/env.js",
    tag = "health",
    responses((status = 200, description = "The script", content_type = "text/javascript"))
)]
async fn env_js(State(app): State<AppState>) -> impl IntoResponse {
    let base = app.config.base();
    let env = json!({
        "apiUrl": base,
        "dashboardApiUrl": base,
        "publicUrl": base,
        "connectUrl": app.config.absolute("/connect/"),
        "gitHash": app.config.version,
        "publicSentryKey": "",
        "publicPosthogKey": "",
        "publicPosthogHost": "",
        "publicLogoDevKey": "",
        "publicStripeKey": "",
        "publicPlainAppId": "",
        "isCloud": false,
        "isHosted": true,
        "isEnterprise": false,
        "features": {
            "logs": true,
            "scripts": false,
            "auth": true,
            "allowSignup": false,
            "managedAuth": false,
            "gettingStarted": true,
            "slack": false,
            "plan": false,
            "authRoles": false,
        },
    });
    // `<` never closes a script element that inlines this file.
    let env = env.to_string().replace('<', "\\u003c");
    ([(header::CONTENT_TYPE, JAVASCRIPT), (header::CACHE_CONTROL, CACHE)], format!("window._env = {env};\n"))
}
