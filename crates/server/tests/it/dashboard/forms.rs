use super::browser::{Browser, csrf_of};
use crate::kit::TestApp;

const FORMS: &[&str] = &[
    "/dashboard/environments/new",
    "/dashboard/theme",
    "/dashboard/sign-out",
    "/dashboard/dev/integrations/new/coda",
    "/dashboard/dev/integrations/coda",
    "/dashboard/dev/integrations/coda/delete",
    "/dashboard/dev/connections/new",
    "/dashboard/dev/connections/coda/c-1/reveal",
    "/dashboard/dev/connections/coda/c-1/tags",
    "/dashboard/dev/connections/coda/c-1/metadata",
    "/dashboard/dev/connections/coda/c-1/webhook",
    "/dashboard/dev/connections/coda/c-1/check",
    "/dashboard/dev/connections/coda/c-1/reconnect",
    "/dashboard/dev/connections/coda/c-1/delete",
    "/dashboard/dev/webhooks/1/replay",
    "/dashboard/dev/settings",
    "/dashboard/dev/settings/delete",
    "/dashboard/dev/settings/keys/new",
    "/dashboard/dev/settings/keys/1/revoke",
    "/dashboard/dev/settings/webhooks",
    "/dashboard/dev/settings/webhooks/reveal",
    "/dashboard/dev/settings/webhooks/rotate",
    "/dashboard/dev/settings/variables",
    "/dashboard/dev/settings/variables/reveal",
    "/dashboard/dev/settings/variables/delete",
    "/dashboard/dev/settings/connect-page",
    "/dashboard/dev/settings/connect-page/logo/remove",
];

#[tokio::test]
async fn no_form_is_taken_without_its_token() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let other_session = {
        let mut other = Browser::signed_in_again(&app).await;
        csrf_of(&other.get("/dashboard/environments/new").await)
    };
    for form in FORMS {
        for token in [None, Some("AAAA"), Some(other_session.as_str())] {
            let fields: Vec<(&str, &str)> = token.map(|token| ("csrf", token)).into_iter().collect();
            let answer = browser.post_raw(form, &fields).await;
            assert_eq!(answer.status, 403, "{form} with {token:?}");
            assert!(answer.text().contains("This form is out of date"), "{form}");
        }
    }
}

#[tokio::test]
async fn no_form_is_taken_from_another_site_or_before_signing_in() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let token = csrf_of(&browser.get("/dashboard/environments/new").await);
    let cookies = browser.cookie_header();
    for form in FORMS {
        let body = format!("csrf={token}");
        let request = |app: &TestApp| {
            app.post(form).header("content-type", "application/x-www-form-urlencoded").body(body.clone())
        };
        let foreign =
            request(&app).header("cookie", &cookies).header("sec-fetch-site", "cross-site").send().await;
        assert_eq!(foreign.status, 403, "{form}");
        let stranger = request(&app).send().await;
        assert!(stranger.status == 303 || stranger.status == 403, "{form}: {}", stranger.status);
        assert!(
            stranger.status == 403 || stranger.header("location").starts_with("/dashboard/sign-in"),
            "{form}"
        );
    }
}

#[tokio::test]
async fn a_sign_in_form_of_another_browser_is_refused() {
    let app = TestApp::new().await;
    let token = csrf_of(&Browser::new(&app).get("/dashboard/sign-in").await);
    let mut victim = Browser::new(&app);
    victim.get("/dashboard/sign-in").await;
    let fields = [("csrf", token.as_str()), ("email", "a@b.test"), ("password", "x")];
    assert_eq!(victim.post_raw("/dashboard/sign-in", &fields).await.status, 403);
}

#[tokio::test]
async fn every_page_forbids_framing_foreign_code_and_caching() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    for page in ["/dashboard/dev", "/dashboard/dev/nothing", "/dashboard/sign-in"] {
        let answer = browser.get(page).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let text = answer.text();
        assert!(
            !text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick"),
            "{page}"
        );
        assert_eq!(text.matches("<script").count(), 1, "one module, no inline script: {page}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    for (path, words) in [
        ("/dashboard/nowhere", "This environment is not here"),
        ("/dashboard/dev/nothing/at/all", "This page is not here"),
        ("/dashboard/dev/integrations/none", "This integration is not here"),
        ("/dashboard/dev/integrations/new/none", "This service is not here"),
        ("/dashboard/dev/connections/a/b", "This connection is not here"),
        ("/dashboard/dev/webhooks/99", "This delivery is not here"),
        ("/dashboard/dev/settings/keys/99/revoke", "This key is not here"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains(words), "{path}: {}", answer.text());
    }
}
