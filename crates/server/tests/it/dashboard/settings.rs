use super::browser::{Browser, csrf_of};
use crate::kit::{Answer, TestApp};

#[tokio::test]
async fn a_key_is_shown_once_and_does_what_was_chosen() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let new = "/dashboard/dev/settings/keys/new";
    let fields = [("display_name", "ci"), ("access", "chosen"), ("scope", "environment:integrations:list")];
    let answer = browser.submit(new, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let page = answer.text();
    let (_, rest) = page.split_once("export DOVETAIL_API_KEY=").unwrap();
    let key = rest[..36].to_owned();
    assert_eq!(app.get("/integrations").bearer(&key).send().await.status, 200);
    app.post("/connect/sessions")
        .bearer(&key)
        .json(serde_json::json!({}))
        .send()
        .await
        .refused(403, "forbidden");

    let list = browser.get("/dashboard/dev/settings/keys").await.text();
    assert!(
        !list.contains(&key)
            && list.contains(&format!("…{}", &key[32..]))
            && list.contains("List integrations")
    );
    assert_eq!(browser.submit(new, &fields).await.status, 400, "the name is taken");
    let none = [("display_name", "x"), ("access", "chosen")];
    assert!(browser.submit(new, &none).await.text().contains("Choose at least one thing"));
    let account = [("display_name", "x"), ("access", "chosen"), ("scope", "account:*")];
    assert_eq!(browser.submit(new, &account).await.status, 400, "only scopes that the form offers");
}

#[tokio::test]
async fn a_revoked_key_is_refused() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let list = browser.get("/dashboard/dev/settings/keys").await.text();
    let (before, _) = list.split_once("/revoke").unwrap();
    let (_, id) = before.rsplit_once('/').unwrap();
    let form = format!("/dashboard/dev/settings/keys/{id}/revoke");
    assert_eq!(browser.get(&form).await.status, 200, "{id}");
    assert_eq!(browser.submit(&form, &[("confirm", "x")]).await.status, 400);
    assert_eq!(app.get("/integrations").bearer(&app.key).send().await.status, 200);
    let page = browser.get(&form).await.text();
    let (_, rest) = page.split_once(r#"data-confirm=""#).unwrap();
    let name = rest.split_once('"').unwrap().0.to_owned();
    assert_eq!(browser.submit(&form, &[("confirm", &name)]).await.status, 303);
    assert_eq!(app.get("/integrations").bearer(&app.key).send().await.status, 401);
    assert_eq!(browser.get(&form.replace("/dev/", "/prod/")).await.status, 404);
}

#[tokio::test]
async fn webhooks_are_set_and_their_secret_revealed_and_rotated() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let page = "/dashboard/dev/settings/webhooks";
    let fields = [("primary_url", "https://hooks.acme.test/x"), ("on_auth_creation", "true")];
    assert_eq!(browser.submit(page, &fields).await.header("location"), format!("{page}?done=saved"));
    let text = browser.get(page).await.text();
    assert!(text.contains("https://hooks.acme.test/x"));
    assert_eq!(text.matches(" checked").count(), 1);
    let bad = browser.submit(page, &[("primary_url", "http://127.0.0.1:1/x")]).await;
    assert_eq!(bad.status, 400);
    assert!(bad.text().contains("does not send to this address"));

    let secret_of = |page: &Answer| {
        let text = page.text();
        let (_, rest) = text.split_once(r#"aria-label="Copy signing key""#).unwrap();
        let (before, _) = text.split_at(text.len() - rest.len());
        before.rsplit_once(r#"data-copy=""#).unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    assert!(!text.contains("Copy signing key"));
    let first = secret_of(&browser.submit(&format!("{page}/reveal"), &[]).await);
    assert_eq!(browser.submit(&format!("{page}/rotate"), &[]).await.status, 303);
    let second = browser.submit(&format!("{page}/reveal"), &[]).await;
    assert_ne!(secret_of(&second), first);
    assert!(second.text().contains("The key before this one also signs."));
}

#[tokio::test]
async fn the_callback_url_is_checked_and_cleared() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let page = "/dashboard/dev/settings";
    assert_eq!(browser.submit(page, &[("callback_url", "javascript:alert(1)")]).await.status, 400);
    let own = "https://acme.test/callback";
    assert_eq!(browser.submit(page, &[("callback_url", own)]).await.status, 303);
    assert!(browser.get(page).await.text().contains(own));
    assert_eq!(browser.submit(page, &[("callback_url", "")]).await.status, 303);
    assert!(!browser.get(page).await.text().contains(own));
}

#[tokio::test]
async fn variables_are_masked_revealed_and_deleted() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let page = "/dashboard/dev/settings/variables";
    assert_eq!(browser.submit(page, &[("name", "STRIPE_KEY"), ("value", "sk_live_x")]).await.status, 303);
    let text = browser.get(page).await.text();
    assert!(text.contains("STRIPE_KEY") && !text.contains("sk_live_x"));
    let api = app.get("/environment-variables").bearer(&app.key).send().await.json();
    assert_eq!(api, serde_json::json!([{ "name": "STRIPE_KEY", "value": "sk_live_x" }]));
    let shown = browser.submit(&format!("{page}/reveal"), &[("name", "STRIPE_KEY")]).await.text();
    assert!(shown.contains("sk_live_x"));
    assert_eq!(browser.submit(&format!("{page}/delete"), &[("name", "STRIPE_KEY")]).await.status, 303);
    assert!(browser.get(page).await.text().contains("No environment variables"));
    assert_eq!(browser.submit(page, &[("name", ""), ("value", "")]).await.status, 400);
}

#[tokio::test]
async fn the_look_of_the_connect_page_is_saved() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let page = "/dashboard/dev/settings/connect-page";
    let text = browser.get(page).await.text();
    assert!(text.contains("/connect/?preview=true"));
    assert!(!text.contains("below 3:1"), "the default accents stand out from both surfaces");
    let pale = [("light_primary", "#00b2e3"), ("dark_primary", "#8ab4ff"), ("default_theme", "dark")];
    assert_eq!(browser.submit(page, &pale).await.status, 303);
    assert!(browser.get(page).await.text().contains("below 3:1"), "this blue is pale on white");
    let fields = [
        ("app_name", "Acme"),
        ("light_primary", "#0b5fff"),
        ("dark_primary", "#8ab4ff"),
        ("default_theme", "dark"),
    ];
    assert_eq!(browser.submit(page, &fields).await.status, 303);
    let text = browser.get(page).await.text();
    for words in ["Acme", "#0b5fff", "#8ab4ff", r#"value="dark" checked"#] {
        assert!(text.contains(words), "{words}");
    }
    assert!(!text.contains("below 3:1"));
    let bad = [("light_primary", "red;}"), ("dark_primary", "#8ab4ff")];
    let answer = browser.submit(page, &bad).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("This is not a colour"));
}

/// Uploads a file as a browser does.
async fn upload(browser: &mut Browser<'_>, token: &str, file: &[u8]) -> Answer {
    let mut body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--x\r\n\
         Content-Disposition: form-data; name=\"logo\"; filename=\"logo.svg\"\r\n\
         Content-Type: image/svg+xml\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let cookies = browser.cookie_header();
    let post = browser.app.post("/dashboard/dev/settings/connect-page/logo").header("cookie", &cookies);
    post.header("content-type", "multipart/form-data; boundary=x").body(body).send().await
}

#[tokio::test]
async fn a_logo_is_taken_shown_and_removed() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let page = "/dashboard/dev/settings/connect-page";
    let token = csrf_of(&browser.get(page).await);
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h4v4z"/></svg>"#;
    assert_eq!(upload(&mut browser, "wrong", svg).await.status, 403);
    let answer = upload(&mut browser, &token, svg).await;
    assert_eq!(answer.header("location"), format!("{page}?done=logo"), "{}", answer.text());
    let shown = browser.get(&format!("{page}/logo")).await;
    assert_eq!((shown.header("content-type"), &shown.bytes[..]), ("image/svg+xml", &svg[..]));
    assert!(shown.header("content-security-policy").ends_with("sandbox"));
    let answer = upload(&mut browser, &token, b"<svg onload='alert(1)'/>").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("This SVG holds scripts"));
    let answer = upload(&mut browser, &token, &vec![b'x'; 300 * 1024]).await;
    assert_eq!(answer.status, 413);
    assert_eq!(browser.submit(&format!("{page}/logo/remove"), &[]).await.status, 303);
    assert_eq!(browser.get(&format!("{page}/logo")).await.status, 404);
}

#[tokio::test]
async fn while_simulation_is_on_the_webhook_settings_tell_where_webhooks_go() {
    let app = TestApp::with(|config| config.simulator = Some("http://127.0.0.1:3999".parse().unwrap())).await;
    let mut browser = Browser::signed_in(&app).await;
    let page = "/dashboard/dev/settings/webhooks";
    let text = browser.get(page).await.text();
    assert!(text.contains("https://mine.webhook.test/hook"));
    assert!(text.contains(r#"href="http://127.0.0.1:3999/__sink/mine""#));
    let text = browser.get("/dashboard/dev").await.text();
    assert!(text.contains("webhooks go to the simulator"));

    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    assert!(!browser.get(page).await.text().contains("webhook.test"));
    assert!(!browser.get("/dashboard/dev").await.text().contains("webhooks go to the simulator"));
}
