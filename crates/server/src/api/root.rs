//! `/`: a browser is sent to the dashboard, a WebSocket is greeted.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::json;
use tokio::time::timeout;

use crate::best_effort::CanFail as _;
use crate::limits::{MAX_SOCKET_MESSAGE, SOCKET_LIFETIME};
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
            let id = app.random.uuid_v4().to_string();
            upgrade
                .max_message_size(MAX_SOCKET_MESSAGE)
                .max_frame_size(MAX_SOCKET_MESSAGE)
                .on_upgrade(async |socket| greet(socket, id).await)
        }
        Err(_) => Redirect::to("/dashboard").into_response(),
    }
}

/// Tells the client its id, then keeps the socket open until the client leaves or its time is up.
async fn greet(mut socket: WebSocket, id: String) {
    let hello = json!({"message_type": "connection_ack", "ws_client_id": id}).to_string();
    if socket.send(Message::text(hello)).await.can_fail("greeting a WebSocket").is_none() {
        return;
    }
    let listen = async { while let Some(Ok(_)) = socket.recv().await {} };
    // A client that outstays its time is let go; it asks again if it still waits.
    timeout(SOCKET_LIFETIME, listen).await.ok();
}
