//! The account: one's password, the people, account keys and the audit trail.

use dovetail_model::Role;

use super::browser::{Browser, OWNER, PASSWORD};
use crate::kit::TestApp;

const ACCOUNT: &str = "/dashboard/dev/account";
const NEW: &str = "twelve chars and more";

#[tokio::test]
async fn a_changed_password_signs_the_other_browsers_out() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let mut other = Browser::signed_in_again(&app).await;
    let change = [("current", PASSWORD), ("password", NEW), ("again", NEW)];
    let answer = browser.submit(ACCOUNT, &change).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/dashboard/dev/account?done=password"));
    assert_eq!(browser.get(ACCOUNT).await.status, 200, "this one stays");
    assert_eq!(other.get(ACCOUNT).await.status, 303);
    let mut fresh = Browser::new(&app);
    assert_eq!(
        fresh.submit("/dashboard/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await.status,
        401
    );
    assert_eq!(fresh.submit("/dashboard/sign-in", &[("email", OWNER), ("password", NEW)]).await.status, 303);
}

#[tokio::test]
async fn a_password_changes_only_for_who_knows_the_old_one() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let change = [("current", "something else"), ("password", NEW), ("again", "different")];
    let answer = browser.submit(ACCOUNT, &change).await;
    assert_eq!(answer.status, 400);
    for words in ["This is not your password.", "The two passwords differ."] {
        assert!(answer.text().contains(words), "{words}");
    }
    assert!(!answer.text().contains(NEW));
    let trail = browser.get(&format!("{ACCOUNT}/audit?resource=app_auth")).await.text();
    assert!(trail.contains("password changed") && trail.contains("Failed"));
}

#[tokio::test]
async fn support_changes_its_password_from_production_and_sees_no_people() {
    let app = TestApp::new().await;
    let mut pia = Browser::signed_in_as(&app, Role::ProductionSupport).await;
    let account = "/dashboard/prod/account";
    let page = pia.get(account).await.text();
    assert!(page.contains("Audit trail") && !page.contains("Account keys"));
    for path in ["people", "people/new", "keys", "keys/new"] {
        assert_eq!(pia.get(&format!("{account}/{path}")).await.status, 403, "{path}");
    }
    assert_eq!(
        pia.submit(&format!("{account}/keys/new"), &[("name", "x"), ("scope", "account:*")]).await.status,
        403
    );
    let change = [("current", PASSWORD), ("password", NEW), ("again", NEW)];
    assert_eq!(pia.submit(account, &change).await.status, 303);
}

#[tokio::test]
async fn a_person_is_added_given_a_role_and_removed() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let new = format!("{ACCOUNT}/people/new");
    let fields = [("email", "Pia@acme.test"), ("role", "development_full_access")];
    let added = browser.submit(&new, &fields).await;
    assert_eq!(added.status, 200, "{}", added.text());
    let text = added.text();
    let (_, rest) = text.split_once(r#"aria-label="first password"><code>"#).unwrap();
    let first = rest.split_once('<').unwrap().0.to_owned();
    let again = browser.submit(&new, &fields).await;
    assert!(again.status == 400 && again.text().contains("has an account already"));

    let mut pia = Browser::new(&app);
    let sign_in = [("email", "pia@acme.test"), ("password", first.as_str())];
    assert_eq!(pia.submit("/dashboard/sign-in", &sign_in).await.status, 303);
    assert_eq!(pia.get("/dashboard/prod/integrations").await.status, 404);
    assert_eq!(pia.get(&format!("{ACCOUNT}/audit")).await.status, 403);

    let list = browser.get(&format!("{ACCOUNT}/people")).await.text();
    let (_, rest) = list.split_once("/account/people/").unwrap();
    let (_, rest) = rest.split_once("action=\"/dashboard/dev/account/people/").unwrap();
    let id = rest.split_once('"').unwrap().0;
    let person = format!("{ACCOUNT}/people/{id}");
    assert_eq!(browser.submit(&person, &[("role", "production_support")]).await.status, 303);
    assert_eq!(pia.get("/dashboard/prod/integrations").await.status, 200);
    let remove = format!("{person}/remove");
    assert_eq!(browser.submit(&remove, &[("confirm", "pia")]).await.status, 400);
    assert_eq!(browser.submit(&remove, &[("confirm", "pia@acme.test")]).await.status, 303);
    assert_eq!(pia.get("/dashboard/dev").await.status, 303, "signed out");
    let trail = browser.get(&format!("{ACCOUNT}/audit?resource=member")).await.text();
    for words in ["Person added", "Person role changed", "Person removed"] {
        assert!(trail.contains(words), "{words}");
    }
}

#[tokio::test]
async fn nobody_removes_or_degrades_themselves() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let own = format!("{ACCOUNT}/people/1");
    assert_eq!(browser.submit(&own, &[("role", "production_support")]).await.status, 403);
    assert_eq!(browser.submit(&format!("{own}/remove"), &[("confirm", OWNER)]).await.status, 403);
}

#[tokio::test]
async fn an_account_key_is_shown_once_works_and_is_revoked() {
    let app = TestApp::new().await;
    let mut browser = Browser::signed_in(&app).await;
    let new = format!("{ACCOUNT}/keys/new");
    assert_eq!(browser.submit(&new, &[("name", "terraform")]).await.status, 400);
    let made = browser.submit(&new, &[("name", "terraform"), ("scope", "account:environments:create")]).await;
    let text = made.text();
    let (_, rest) = text.split_once(r#"aria-label="account key"><code>"#).unwrap_or_else(|| panic!("{text}"));
    let key = rest.split_once('<').unwrap().0.to_owned();
    let create = || app.post("/environments").bearer(&key).json(serde_json::json!({ "name": "stage" }));
    assert!(create().send().await.status < 300);
    let list = browser.get(&format!("{ACCOUNT}/keys")).await.text();
    assert!(list.contains("Create environments") && !list.contains(&key));
    let (_, rest) = list.split_once("/account/keys/").unwrap();
    let id = rest
        .split("/account/keys/")
        .find_map(|part| part.split_once("/revoke"))
        .map_or_else(|| rest.split_once("/revoke").unwrap().0.to_owned(), |(id, _)| id.to_owned());
    let revoke = format!("{ACCOUNT}/keys/{id}/revoke");
    assert_eq!(browser.submit(&revoke, &[("confirm", "terraform")]).await.status, 303);
    assert_eq!(create().send().await.status, 401);
}

#[tokio::test]
async fn the_audit_trail_is_filtered_and_exported() {
    let app = TestApp::new().await;
    app.integration("coda", "coda").await;
    let mut browser = Browser::signed_in(&app).await;
    let all = browser.get(&format!("{ACCOUNT}/audit")).await.text();
    assert!(all.contains("integration created: coda") && all.contains(OWNER));
    let prod = browser.get(&format!("{ACCOUNT}/audit?environment=prod")).await.text();
    assert!(prod.contains("No entry matches"));
    let file = browser.get(&format!("{ACCOUNT}/audit.csv?resource=integration")).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<String> = file.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("occurred_at,event_id,resource,action"));
    assert!(lines[1].contains(",integration,created,success,api_key,"));
}
