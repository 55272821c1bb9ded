//! The guides in all their forms.

use crate::kit::TestApp;

#[tokio::test]
async fn a_guide_is_a_page_for_browsers_and_markdown_for_agents() {
    let app = TestApp::new().await;
    let page = app.get("/guides/coda").header("accept", "text/html,*/*;q=0.8").send().await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().contains("How do I link my Coda account?"));
    for (path, accept) in [("/guides/coda", "text/markdown"), ("/guides/coda.md", "text/html")] {
        let twin = app.get(path).header("accept", accept).send().await;
        assert_eq!(twin.header("content-type"), "text/markdown; charset=utf-8", "{path}");
        assert!(
            twin.text().starts_with("> All guides are listed at https://dovetail.test/llms.txt\n\n# Coda")
        );
    }
}

#[tokio::test]
async fn the_structured_guide_needs_no_key() {
    let app = TestApp::new().await;
    let guide = app.get("/guides/ordinal.json").send().await.json();
    assert_eq!(guide["provider"], "ordinal");
    assert_eq!(guide["url"], "https://dovetail.test/guides/ordinal");
    assert_eq!(guide["steps"][0]["fields"][0], "credentials.apiKey");
    assert_eq!(guide["steps"][0]["link"], "https://app.tryordinal.com/{workspace}/settings/integrations/api");
}

#[tokio::test]
async fn an_unchanged_guide_is_not_sent_again() {
    let app = TestApp::new().await;
    for path in ["/guides", "/guides/coda", "/guides/coda.md", "/guides/coda.json", "/llms.txt"] {
        let first = app.get(path).send().await;
        assert_eq!(first.header("cache-control"), "public, max-age=300", "{path}");
        let again = app.get(path).header("if-none-match", first.header("etag")).send().await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_provider_has_no_guide_in_any_form() {
    let app = TestApp::new().await;
    let page = app.get("/guides/nobody%3Cscript%3E").send().await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("There is no guide") && !page.text().contains("<script"));
    app.get("/guides/nobody.json").send().await.refused(404, "not_found");
    app.get("/guides/nobody.md").send().await.refused(404, "not_found");
}

#[tokio::test]
async fn pages_hold_no_script_and_only_we_may_frame_them() {
    let app = TestApp::new().await;
    for path in ["/guides", "/guides/", "/guides/coda", "/guides/nobody"] {
        let page = app.get(path).send().await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'self'"), "{path}");
        assert!(!page.text().contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn the_index_is_searched_by_words_and_category() {
    let app = TestApp::new().await;
    let found = app.get("/guides?q=coda").send().await.text();
    assert!(found.contains("/guides/coda\"") && !found.contains("/guides/ordinal\""));
    let none = app.get("/guides?q=%3Cb%3Ezzz&category=productivity").send().await.text();
    assert!(none.contains("Nothing matches") && !none.contains("<b>zzz"));
    assert_eq!(app.get("/guides?q=a&q=b&category[]=x").send().await.status, 200);
}

#[tokio::test]
async fn machines_find_everything_from_the_index() {
    let app = TestApp::new().await;
    let index = app.get("/llms.txt").send().await;
    assert_eq!(index.header("content-type"), "text/plain; charset=utf-8");
    for path in ["/llms-full.txt", "/api-catalog.txt", "/guides/coda.md"] {
        assert!(index.text().contains(&format!("https://dovetail.test{path}")), "{path}");
        assert_eq!(app.get(path).send().await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_guide_address_of_a_definition_is_a_page() {
    let app = TestApp::new().await;
    let answer = app.get("/providers/coda").bearer(&app.key).send().await.json();
    let url = answer["data"]["docs_connect"].as_str().unwrap();
    let path = url.strip_prefix("https://dovetail.test").unwrap();
    assert_eq!(app.get(path).send().await.status, 200);
}
