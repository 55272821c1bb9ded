//! The page on which a pairing code is entered.

use serde_json::json;

use crate::kit::{Answer, TestApp};

const PAGE: &str = "/connect/pair";

async fn code(app: &TestApp, session: serde_json::Value) -> String {
    let made = app.post("/connect/sessions").bearer(&app.key).json(session).send().await.json();
    let token = made["data"]["token"].as_str().unwrap();
    let body = json!({"client_name": "acme CLI <b>"});
    let answer = app.post("/connect/session/pairing").bearer(token).json(body).send().await;
    answer.json()["data"]["user_code"].as_str().unwrap().to_owned()
}

async fn post(app: &TestApp, form: String, header: (&str, &str)) -> Answer {
    let request = app.post(PAGE).header("content-type", "application/x-www-form-urlencoded");
    request.header(header.0, header.1).body(form).send().await
}

#[tokio::test]
async fn it_says_who_asks_for_what_before_anything_happens() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let session = json!({
        "end_user": {"id": "u", "display_name": "Pia", "email": "pia@acme.test"}, "allowed_integrations": ["coda"]
    });
    let code = code(&app, session).await;
    let answer = app.get(&format!("{PAGE}?code={}", code.to_lowercase().replace('-', "+"))).send().await;
    let html = answer.text();
    assert_eq!(answer.status, 200);
    for part in
        [code.as_str(), "Pia (pia@acme.test)", "Coda", "acme CLI &#60;b&#62;", "somebody sent you this code"]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    // Reading it twice is no use of it.
    assert_eq!(app.get(&format!("{PAGE}?code={code}")).send().await.status, 200);
}

#[tokio::test]
async fn it_runs_no_script_cannot_be_framed_and_is_not_kept() {
    let app = TestApp::new().await;
    let answer = app.get(PAGE).send().await;
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert!(!answer.text().contains("<script"));
    let german = app.get(&format!("{PAGE}?lang=de")).send().await.text();
    assert!(german.contains("lang=\"de\"") && german.contains("Gerät"));
}

#[tokio::test]
async fn an_answer_counts_only_from_the_page_itself() {
    let app = TestApp::new().await;
    let code = code(&app, json!({"end_user": {"id": "u"}})).await;
    let yes = format!("code={code}&answer=yes");
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("accept", "*/*"),
    ] {
        let answer = post(&app, yes.clone(), header).await;
        assert_eq!(answer.status, 403, "{header:?}");
        assert!(!answer.headers.contains_key("location"));
    }
    let own = app.state.config.public_origin();
    let answer = post(&app, yes, ("origin", &own)).await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with("/connect/?session_token=nango_connect_session_"));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn codes_cannot_be_tried_out() {
    let app = TestApp::new().await;
    let code = code(&app, json!({"end_user": {"id": "u"}})).await;
    for n in 0..30 {
        let answer = app.get(&format!("{PAGE}?code=BCDFGHJK{}", ["L", "M"][n % 2])).send().await;
        assert_eq!(answer.status, 404);
    }
    let answer = app.get(&format!("{PAGE}?code={code}")).send().await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    let yes = format!("code={code}&answer=yes");
    assert_eq!(post(&app, yes.clone(), ("sec-fetch-site", "same-origin")).await.status, 429);
    // What cannot be a code costs nothing and is told apart from nothing.
    assert_eq!(app.get(&format!("{PAGE}?code=123")).send().await.status, 404);
    app.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!(post(&app, yes, ("sec-fetch-site", "same-origin")).await.status, 303);
}
