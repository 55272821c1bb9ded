//! The Connect page's shell.

use crate::kit::TestApp;

/// Bytes of the whole page, compressed, in the largest of its languages (issue 2, item 7).
const LARGEST_PAGE: usize = 60_000;

#[tokio::test]
async fn any_path_below_it_serves_the_page() {
    let app = TestApp::new().await;
    for path in ["/connect", "/connect/", "/connect/integrations", "/connect/go", "/connect/a/b?x=y"] {
        let answer = app.get(path).send().await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains("id=\"sheet\""), "{path}");
    }
}

#[tokio::test]
async fn the_page_may_be_embedded_and_runs_only_our_files() {
    let app = TestApp::new().await;
    let answer = app.get("/connect/").send().await;
    let policy = answer.header("content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("frame-ancestors"), "{policy}");
    assert!(!answer.headers.contains_key("x-frame-options"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let html = answer.text();
    assert!(!html.contains(" style=") && !html.contains("<style") && !html.contains(" onclick"));
    assert_eq!(html.matches("<script").count(), 1);
}

#[tokio::test]
async fn the_operator_can_name_the_sites_that_embed_it() {
    let app = TestApp::with(|config| {
        config.embedding_origins = vec!["https://a.test".to_owned(), "https://b.test".to_owned()];
    })
    .await;
    let answer = app.get("/connect/").send().await;
    assert!(
        answer
            .header("content-security-policy")
            .ends_with("frame-ancestors 'self' https://a.test https://b.test")
    );
}

#[tokio::test]
async fn nothing_of_the_query_but_language_and_theme_reaches_the_page() {
    let app = TestApp::new().await;
    let token = format!("nango_connect_session_{}", "0f".repeat(32));
    let query = format!("?session_token={token}&apiURL=https://evil.test&lang=ar&theme=dark\"><script>x");
    let html = app.get(&format!("/connect/{}", query.replace(['"', '<', '>'], "%22"))).send().await.text();
    assert!(html.contains("lang=\"ar\" dir=\"rtl\" data-theme=\"system\""));
    assert!(!html.contains("evil.test") && !html.contains(&token));
    let dark = app.get("/connect/?theme=dark&lang=de-AT").send().await.text();
    assert!(dark.contains("lang=\"de\" dir=\"ltr\" data-theme=\"dark\""));
}

#[tokio::test]
async fn the_browsers_language_is_used_where_the_address_names_none() {
    let app = TestApp::new().await;
    let answer = app.get("/connect/").header("accept-language", "ja;q=0.8, fr-CA").send().await;
    assert!(answer.text().contains("<html lang=\"fr\""));
    assert!(answer.headers.get_all("vary").iter().any(|value| value == "Accept-Language"));
}

#[tokio::test]
async fn the_whole_page_stays_under_its_budget() {
    let app = TestApp::new().await;
    for lang in ["en", "ar", "ja"] {
        let path = format!("/connect/?lang={lang}");
        let html = app.get(&path).send().await.text();
        let mut sent = app.get(&path).header("accept-encoding", "gzip").send().await.bytes.len();
        let mut files: Vec<&str> =
            html.split('"').filter(|part| part.starts_with("/assets/") && part.contains('.')).collect();
        files.sort_unstable();
        files.dedup();
        assert!(files.len() > 20, "{files:?}");
        for file in files {
            let answer = app.get(file).header("accept-encoding", "gzip").send().await;
            assert_eq!(answer.status, 200, "{file}");
            sent += answer.bytes.len();
        }
        assert!(sent < LARGEST_PAGE, "{lang}: {sent} bytes");
    }
}

#[tokio::test]
async fn a_simulation_is_said_loudly() {
    let app = TestApp::with(|config| config.simulator = Some("http://127.0.0.1:3999".parse().unwrap())).await;
    for path in ["/connect/", "/guides", "/guides/coda"] {
        assert!(app.get(path).send().await.text().contains("Simulation"), "{path}");
    }
}

#[tokio::test]
async fn files_keep_the_base_path_of_the_public_url() {
    let app = TestApp::with(|config| config.public_url = "https://acme.test/dove/".parse().unwrap()).await;
    let html = app.get("/connect/").send().await.text();
    assert!(html.contains("src=\"/dove/assets/"));
    assert!(!html.contains("\"/assets/"));
}
