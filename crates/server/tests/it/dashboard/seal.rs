use dovetail_model::Role;

use super::browser::{Browser, PASSWORD};
use crate::kit::TestApp;

#[tokio::test]
async fn a_sealed_environment_shows_no_secret_on_any_page_until_an_administrator_unseals_it() {
    let app = TestApp::new().await;
    app.integration("coda", "kit-webhooks").await;
    app.connection_with_key("coda", "c-1", "PL4NTED-key").await;
    app.set_variable("TOKEN", "PL4NTED-variable").await;
    let mut browser = Browser::signed_in(&app).await;
    let connection = "/dashboard/dev/connections/coda/c-1";
    let settings = "/dashboard/dev/settings";
    let reveals = [
        (format!("{connection}/reveal"), vec![]),
        (format!("{settings}/variables/reveal"), vec![("name", "TOKEN")]),
        (format!("{settings}/webhooks/reveal"), vec![]),
    ];
    assert!(browser.submit(&reveals[0].0, &[]).await.text().contains("PL4NTED-key"));
    assert!(browser.submit(&reveals[1].0, &[("name", "TOKEN")]).await.text().contains("PL4NTED-variable"));

    let answer = browser.submit(&format!("{settings}/seal"), &[]).await;
    assert_eq!(answer.header("location"), format!("{settings}?done=sealed"));
    for (reveal, fields) in &reveals {
        let answer = browser.submit(reveal, fields).await;
        assert_eq!(answer.status, 403, "{reveal}");
        assert!(answer.text().contains("This environment is sealed"), "{reveal}");
    }
    assert_eq!(browser.submit(&format!("{settings}/webhooks/rotate"), &[]).await.status, 403);
    for page in [
        connection.to_owned(),
        settings.to_owned(),
        format!("{settings}/variables"),
        format!("{settings}/webhooks"),
        format!("{settings}/keys"),
        "/dashboard/dev/integrations/coda".to_owned(),
        "/dashboard/dev/activity".to_owned(),
    ] {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(!answer.text().contains("PL4NTED") && !answer.text().contains("/reveal"), "{page}");
    }
    let read = "/connections/c-1?provider_config_key=coda";
    assert!(!app.get(read).bearer(&app.key).send().await.text().contains("PL4NTED"));

    let unseal = format!("{settings}/unseal");
    let wrong = browser.submit(&unseal, &[("password", "not the password")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("This is not your password."));
    assert!(!app.get(read).bearer(&app.key).send().await.text().contains("PL4NTED"));
    assert_eq!(browser.submit(&unseal, &[("password", PASSWORD)]).await.status, 303);
    assert!(app.get(read).bearer(&app.key).send().await.text().contains("PL4NTED-key"));
    let trail = browser.get("/dashboard/dev/account/audit").await.text();
    assert!(trail.contains("unsealed") && trail.contains("sealed"), "{trail}");
}

#[tokio::test]
async fn nobody_but_an_administrator_unseals() {
    let app = TestApp::new().await;
    app.seal().await;
    let mut developer = Browser::signed_in_as(&app, Role::DevelopmentFullAccess).await;
    assert!(
        developer.get("/dashboard/dev/settings").await.text().contains("An administrator can unseal it.")
    );
    let answer = developer.submit("/dashboard/dev/settings/unseal", &[("password", PASSWORD)]).await;
    assert_eq!(answer.status, 403);
}
