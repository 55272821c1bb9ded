use super::browser::Browser;
use crate::kit::TestApp;

#[tokio::test]
async fn from_an_empty_list_to_an_integration() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let empty = browser.get("/dashboard/dev/integrations").await.text();
    assert!(
        empty.contains("No integrations in dev") && empty.contains("curl https://dovetail.test/integrations")
    );

    let form = browser.get("/dashboard/dev/integrations/new/coda").await.text();
    assert!(form.contains(r#"name="unique_key" value="coda""#), "{form}");
    let fields = [("unique_key", "coda-prod"), ("display_name", "Our Coda")];
    let answer = browser.submit("/dashboard/dev/integrations/new/coda", &fields).await;
    let next = "/dashboard/dev/integrations/coda-prod?done=integration-added";
    assert_eq!((answer.status, answer.header("location")), (303, next), "{}", answer.text());

    let page = browser.get(next).await.text();
    for words in ["Our Coda", "Integration added.", "coda-prod", "API key"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("/oauth/callback"), "a key sends nobody away");
    assert!(browser.get("/dashboard/dev/integrations?q=CODA").await.text().contains("coda-prod"));
    assert!(browser.get("/dashboard/dev/integrations?q=zz").await.text().contains("No integration matches"));
    assert!(!browser.get("/dashboard/prod/integrations").await.text().contains("coda-prod"));
    assert_eq!(browser.get("/dashboard/prod/integrations/coda-prod").await.status, 404);
}

#[tokio::test]
async fn the_catalogue_is_searched_by_name_id_and_category() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let page = "/dashboard/dev/integrations/new";
    let tile = r#"href="/dashboard/dev/integrations/new/coda""#;
    let first = browser.get(page).await.text();
    assert!(first.contains(r#"/integrations/new/1password-events""#) && first.contains("page=2"));
    assert!(browser.get(&format!("{page}?q=cod")).await.text().contains(tile));
    assert!(!browser.get(&format!("{page}?q=ordinal")).await.text().contains(tile));
    assert!(browser.get(&format!("{page}?q=stripe&category=payment")).await.text().contains("stripe"));
    assert!(!browser.get(&format!("{page}?q=coda&category=payment")).await.text().contains(tile));
    let none = browser.get(&format!("{page}?q=%3Cscript%3E")).await.text();
    assert!(none.contains("No service matches") && !none.contains("<script>"));
}

#[tokio::test]
async fn a_taken_or_impossible_key_is_told_at_the_field() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let mut browser = Browser::signed_in(&app).await;
    let form = browser.get("/dashboard/dev/integrations/new/coda").await.text();
    assert!(form.contains(r#"value="coda-2""#), "a free key is proposed");
    for (key, words) in
        [("coda", "is another integration"), ("a/b", "Use letters"), ("", "The key is missing.")]
    {
        let answer = browser.submit("/dashboard/dev/integrations/new/coda", &[("unique_key", key)]).await;
        assert_eq!(answer.status, 400, "{key}");
        assert!(answer.text().contains(words), "{key}");
    }
}

#[tokio::test]
async fn settings_are_saved_and_the_key_stays_while_accounts_are_linked() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let mut browser = Browser::signed_in(&app).await;
    let fields = [("unique_key", "coda-eu"), ("display_name", "Coda EU")];
    let answer = browser.submit("/dashboard/dev/integrations/coda", &fields).await;
    assert_eq!(answer.header("location"), "/dashboard/dev/integrations/coda-eu?done=saved");
    let page = browser.get("/dashboard/dev/integrations/coda-eu").await.text();
    assert!(page.contains("Coda EU") && !page.contains(r#"name="forward_webhooks" value="true" checked"#));

    app.connection("coda-eu", "c-1").await;
    let page = browser.get("/dashboard/dev/integrations/coda-eu").await.text();
    assert!(page.contains("1 connection") && page.contains(" readonly"));
    let answer = browser.submit("/dashboard/dev/integrations/coda-eu", &[("unique_key", "other")]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("keeps its key"));
}

#[tokio::test]
async fn deleting_names_the_loss_and_asks_for_the_key() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    app.connection("coda", "c-1").await;
    let mut browser = Browser::signed_in(&app).await;
    let page = browser.get("/dashboard/dev/integrations/coda").await.text();
    assert!(page.contains("<strong>1 connection</strong> with their credentials"));
    let delete = "/dashboard/dev/integrations/coda/delete";
    assert_eq!(browser.submit(delete, &[("confirm", "Coda")]).await.status, 400);
    assert_eq!(browser.get("/dashboard/dev/integrations/coda").await.status, 200);
    assert_eq!(browser.submit(delete, &[("confirm", "coda")]).await.status, 303);
    assert_eq!(browser.get("/dashboard/dev/integrations/coda").await.status, 404);
}

#[tokio::test]
async fn an_integration_called_new_has_a_page() {
    let app = TestApp::new().await;
    app.integration("new", "coda").await;
    let mut browser = Browser::signed_in(&app).await;
    assert!(browser.get("/dashboard/dev/integrations").await.text().contains("/integrations/%6Eew"));
    let page = browser.get("/dashboard/dev/integrations/%6Eew").await;
    assert!(page.status == 200 && page.text().contains("Delete integration"));
}
