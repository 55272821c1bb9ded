//! `/`: the WebSocket on which browsers wait for results.

use std::net::SocketAddr;

use futures_util::StreamExt as _;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::kit::TestApp;

#[tokio::test]
async fn a_websocket_is_greeted_with_its_id() {
    let app = TestApp::new().await;
    let (mut first, mut second) = (greeted(&app).await, greeted(&app).await);
    let (first, second) = (first.remove("ws_client_id"), second.remove("ws_client_id"));
    assert!(first.is_some() && first != second);
}

/// Connects, and reads the first message.
async fn greeted(app: &TestApp) -> serde_json::Map<String, Value> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.router().into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await });
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/")).await.unwrap();
    let message = socket.next().await.unwrap().unwrap();
    let Value::Object(message) = serde_json::from_str(message.to_text().unwrap()).unwrap() else { panic!() };
    assert_eq!(message["message_type"], "connection_ack");
    server.abort();
    message
}
