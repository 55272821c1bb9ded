//! `GET /env.js`.

use crate::kit::TestApp;

#[tokio::test]
async fn the_script_tells_where_things_are() {
    let app = TestApp::new().await;
    let answer = app.get("/env.js").send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    let text = answer.text();
    let json = text.strip_prefix("window._env = ").and_then(|text| text.strip_suffix(";\n")).unwrap();
    let env: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(env["apiUrl"], "https://dovetail.test");
    assert_eq!(env["connectUrl"], "https://dovetail.test/connect/");
    assert_eq!(env["features"].as_object().unwrap().len(), 9);
}
