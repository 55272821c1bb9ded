//! `/`: a browser is sent to the dashboard, a WebSocket waits for the outcome of an attempt.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::limits::MAX_SOCKET_MESSAGE;
use crate::popup;
use crate::state::AppState;

/// Routes of this area. The path of the socket is a setting of the operator.
pub fn routes(websockets_path: &str) -> Router<AppState> {
    let routes = Router::new().route("/", get(root));
    match websockets_path {
        "" | "/" => routes,
        path if path.starts_with('/') => routes.route(path, get(root)),
        path => routes.route(&format!("/{path}"), get(root)),
    }
}

async fn root(
    State(app): State<AppState>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => {
            let id = app.random.uuid_v4();
            upgrade
                .max_message_size(MAX_SOCKET_MESSAGE)
                .max_frame_size(MAX_SOCKET_MESSAGE)
                .on_upgrade(async move |socket| popup::attend(app, socket, id).await)
        }
        Err(_) => Redirect::to("/dashboard").into_response(),
    }
}
