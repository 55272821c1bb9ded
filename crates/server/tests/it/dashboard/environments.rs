use dovetail_model::Role;

use super::browser::Browser;
use crate::kit::TestApp;

#[tokio::test]
async fn an_environment_is_created_and_entered() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let answer = browser.submit("/dashboard/environments/new", &[("name", "staging")]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/dashboard/staging?done=environment"));
    let page = browser.get("/dashboard/staging?done=environment").await.text();
    assert!(page.contains("Environment created.") && page.contains("/dashboard/prod"));
}

#[tokio::test]
async fn a_name_that_does_not_fit_is_told_at_the_field() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    for (name, words) in [
        ("", "The name is missing."),
        ("Staging", "Use small letters"),
        ("sign-in", "This name is a page of the dashboard."),
        ("dev", "An environment has this name already."),
    ] {
        let answer = browser.submit("/dashboard/environments/new", &[("name", name)]).await;
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.text().contains(words), "{name}: {}", answer.text());
    }
}

#[tokio::test]
async fn deleting_asks_for_the_name_and_spares_prod() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let answer = browser.submit("/dashboard/dev/settings/delete", &[("confirm", "prod")]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(browser.get("/dashboard/dev").await.status, 200);
    let answer = browser.submit("/dashboard/dev/settings/delete", &[("confirm", "dev")]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(browser.get("/dashboard/dev").await.status, 404);
    let answer = browser.submit("/dashboard/prod/settings/delete", &[("confirm", "prod")]).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_contributor_neither_sees_production_nor_makes_environments() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in_as(&app, Role::DevelopmentFullAccess).await;
    let page = browser.get("/dashboard/dev").await;
    assert!(page.status == 200 && !page.text().contains("/dashboard/prod"));
    assert_eq!(browser.get("/dashboard/prod").await.status, 404);
    assert_eq!(browser.submit("/dashboard/environments/new", &[("name", "x")]).await.status, 403);
}

#[tokio::test]
async fn support_reads_production_and_changes_nothing_there() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in_as(&app, Role::ProductionSupport).await;
    assert_eq!(browser.get("/dashboard/prod/settings/webhooks").await.status, 200);
    for form in ["/dashboard/prod/settings/webhooks/reveal", "/dashboard/prod/settings/keys/new"] {
        assert_eq!(browser.submit(form, &[]).await.status, 403, "{form}");
    }
    assert_eq!(browser.submit("/dashboard/dev/settings/webhooks/reveal", &[]).await.status, 200);
}

#[tokio::test]
async fn the_theme_is_remembered() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let answer = browser.submit("/dashboard/theme", &[("theme", "dark")]).await;
    assert_eq!(answer.status, 303);
    assert!(browser.get("/dashboard/dev").await.text().contains(r#"data-theme="dark""#));
    assert_eq!(browser.submit("/dashboard/theme", &[("theme", "x\" onload=")]).await.status, 400);
}

#[tokio::test]
async fn simulation_is_told_loudly() {
    let app = TestApp::with(|config| config.simulator = Some("http://127.0.0.1:3999".parse().unwrap())).await;
    let mut browser = Browser::signed_in(&app).await;
    assert!(browser.get("/dashboard/dev").await.text().contains("Simulation is on."));
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    assert!(!browser.get("/dashboard/dev").await.text().contains("Simulation is on."));
}
