//! The product's own side of an integration: entered, completed and replaced by form.

use dovetail_model::{Integration, IntegrationClient, Secret};
use dovetail_store::integrations;

use super::browser::Browser;
use crate::kit::TestApp;

async fn stored(app: &TestApp, key: &str) -> Integration {
    let mut db = app.state.store.read().await.unwrap();
    integrations::by_key(&mut db, app.dev, key).await.unwrap().unwrap()
}

fn page(key: &str) -> String {
    format!("/dashboard/dev/integrations/{key}")
}

#[tokio::test]
async fn a_client_is_entered_later_and_its_secret_is_replaced_but_never_shown() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let form = browser.get("/dashboard/dev/integrations/new/kit-oauth2").await.text();
    assert!(form.contains("https://dovetail.test/oauth/callback") && form.contains("read, write"), "{form}");
    let fields = [("unique_key", "o"), ("scopes", "read")];
    assert_eq!(browser.submit("/dashboard/dev/integrations/new/kit-oauth2", &fields).await.status, 303);
    let shown = browser.get(&page("o")).await.text();
    assert!(shown.contains("Nobody can link an account yet") && shown.contains("client id, client secret"));
    assert!(browser.get("/dashboard/dev/integrations").await.text().contains("Incomplete"));

    let fields = [
        ("unique_key", "o"),
        ("client_id", "id-1"),
        ("client_secret", "hush-1"),
        ("scopes", "read\nhttps://kit.test/write, read"),
    ];
    assert_eq!(browser.submit(&page("o"), &fields).await.status, 303);
    let shown = browser.get(&page("o")).await.text();
    assert!(shown.contains("id-1") && !shown.contains("hush-1") && !shown.contains("Nobody can link"));

    let fields = [("unique_key", "o"), ("client_id", "id-2"), ("client_secret", ""), ("scopes", "")];
    assert_eq!(browser.submit(&page("o"), &fields).await.status, 303);
    let client = IntegrationClient::Oauth {
        client_id: "id-2".to_owned(),
        client_secret: Secret::new("hush-1"),
        scopes: Some(String::new()),
        webhook_secret: None,
    };
    assert_eq!(stored(&app, "o").await.secrets.client, client);

    let fields = [("unique_key", "o"), ("client_id", "id-3"), ("client_secret", "hush-2"), ("scopes", "ä")];
    let refused = browser.submit(&page("o"), &fields).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("cannot be a scope") && refused.text().contains("id-3"));
    assert!(!refused.text().contains("hush-2"));
}

#[tokio::test]
async fn an_app_takes_its_key_in_pem_form_only() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let new = "/dashboard/dev/integrations/new/kit-app";
    assert!(browser.get(new).await.text().contains("https://dovetail.test/app-auth/connect"));
    let fields = |key| {
        [("unique_key", "a"), ("app_id", "7"), ("app_link", "https://kit.test/app"), ("private_key", key)]
    };
    let refused = browser.submit(new, &fields("TUlJRQ==")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("not an RSA private key in PEM form"));
    let key = "-----BEGIN PRIVATE KEY-----\r\nTUlJRQ==\r\n-----END PRIVATE KEY-----\r\n";
    assert_eq!(browser.submit(new, &fields(key)).await.status, 303);
    let shown = browser.get(&page("a")).await.text();
    assert!(!shown.contains("TUlJRQ") && !shown.contains("Nobody can link"));
    assert!(shown.contains("approvals of installations count when they are signed with it"));
    assert_eq!(browser.submit(&page("a"), &fields("")).await.status, 303);
    let IntegrationClient::App { private_key, .. } = stored(&app, "a").await.secrets.client else { panic!() };
    assert_eq!(private_key.expose(), "-----BEGIN PRIVATE KEY-----\nTUlJRQ==\n-----END PRIVATE KEY-----");
}

#[tokio::test]
async fn other_modes_have_what_they_need_and_no_more() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let new = |provider: &str| format!("/dashboard/dev/integrations/new/{provider}");

    let form = browser.get(&new("kit-client")).await.text();
    assert!(form.contains(r#"name="scopes""#) && !form.contains(r#"name="client_id""#));
    assert_eq!(
        browser.submit(&new("kit-client"), &[("unique_key", "c"), ("scopes", "a b")]).await.status,
        303
    );
    let client = stored(&app, "c").await.secrets.client;
    assert!(matches!(client, IntegrationClient::Oauth { scopes: Some(scopes), .. } if scopes == "a,b"));
    let wire = app.get("/integrations/c?include=credentials").bearer(&app.key).send().await.json();
    assert!(wire["data"]["credentials"].is_null(), "{wire}");

    let fields = [("unique_key", "m"), ("client_name", "Acme"), ("client_uri", "https://acme.test")];
    assert_eq!(browser.submit(&new("kit-mcp"), &fields).await.status, 303);
    assert_eq!(stored(&app, "m").await.secrets.custom["oauth_client_name"].expose(), "Acme");
    assert!(browser.get(&page("m")).await.text().contains("/oauth/client-metadata/"));

    let fields =
        [("unique_key", "p"), ("app_link", "https://kit.test/p"), ("username", "u"), ("password", "hush")];
    assert_eq!(browser.submit(&new("kit-plugin"), &fields).await.status, 303);
    let shown = browser.get(&page("p")).await.text();
    assert!(!shown.contains("hush") && !shown.contains("Nobody can link"));
    let fields = [("unique_key", "p"), ("app_link", ""), ("username", "u")];
    assert_eq!(browser.submit(&page("p"), &fields).await.status, 303);
    assert!(browser.get(&page("p")).await.text().contains("Still to enter: link of the plug-in."));
    assert_eq!(stored(&app, "p").await.secrets.custom["password"].expose(), "hush");
}

#[tokio::test]
async fn settings_that_depend_on_another_are_asked_when_it_is_chosen() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let new = "/dashboard/dev/integrations/new/kit-role";
    assert!(browser.get(new).await.text().contains(r#"data-when="config.stsMode=custom""#));
    let fields = [("unique_key", "r"), ("config.service", "s3"), ("config.stsMode", "custom")];
    let refused = browser.submit(new, &fields).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("Key of the endpoint is required"), "{}", refused.text());
    let fields = [("unique_key", "r"), ("config.service", "s3"), ("config.stsMode", "builtin")];
    assert_eq!(browser.submit(new, &fields).await.status, 303);
    assert!(!browser.get(&page("r")).await.text().contains("Nobody can link"));
}
