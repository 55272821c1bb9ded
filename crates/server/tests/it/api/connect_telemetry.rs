//! `POST /connect/telemetry` (http-api.md 6, vector 37).

use serde_json::{Value, json};

use crate::kit::{Answer, TestApp};

const PATH: &str = "/connect/telemetry";

async fn send(app: &TestApp, body: Value) -> Answer {
    app.post(PATH).json(body).send().await
}

#[tokio::test]
async fn an_event_within_two_hours_is_taken() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    let now = app.state.now().millis();
    for away in [0, 7_200_000, -7_200_000] {
        let body = json!({
            "token": token, "event": "view:integration", "timestamp": now + away, "dimensions": {"integration": "coda"}
        });
        let answer = send(&app, body).await;
        assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    }
    for away in [7_200_001, -7_200_001] {
        let answer = send(&app, json!({"token": token, "event": "open", "timestamp": now + away})).await;
        answer.refused(400, "invalid_body");
        let errors = answer.json()["error"]["errors"].clone();
        assert_eq!(errors.as_array().unwrap().len(), 1);
        assert_eq!((&errors[0]["code"], &errors[0]["path"]), (&json!("custom"), &json!(["timestamp"])));
    }
}

#[tokio::test]
async fn the_token_is_in_the_body() {
    let app = TestApp::new().await;
    let token = app.session(None).await;
    let at = "2026-02-03T04:05:06.789Z";
    send(&app, json!({})).await.refused(401, "missing_auth_header");
    app.post(PATH).bearer(&token).json(json!({})).send().await.refused(401, "missing_auth_header");
    let key = app.key.clone();
    send(&app, json!({"token": key})).await.refused(401, "invalid_connect_session_token_format");
    send(&app, json!({"token": token, "event": "dance", "timestamp": at})).await.refused(400, "invalid_body");
    send(&app, json!({"token": token, "event": "open", "timestamp": at, "x": 1}))
        .await
        .refused(400, "invalid_body");
    send(&app, json!({"token": token, "event": "open", "timestamp": null}))
        .await
        .refused(400, "invalid_body");
}
