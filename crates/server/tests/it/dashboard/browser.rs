//! A browser that keeps cookies, reads forms and follows nothing by itself.

use std::collections::BTreeMap;

use dovetail_model::Role;
use dovetail_store::{meta, users};

use crate::kit::{Answer, TestApp};

/// The password of the owner in these tests.
pub(super) const PASSWORD: &str = "correct horse battery";
/// The owner's e-mail address.
pub(super) const OWNER: &str = "ada@acme.test";

/// One browser on one server.
pub(super) struct Browser<'a> {
    pub(super) app: &'a TestApp,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    /// A browser that has never been here.
    pub(super) fn new(app: &'a TestApp) -> Self {
        Self { app, cookies: BTreeMap::new() }
    }

    /// A browser in which the owner is signed in.
    pub(super) async fn signed_in(app: &'a TestApp) -> Self {
        let token = setup_token(app).await;
        Self::signed_in_with(app, &token).await
    }

    /// Another browser of the owner, who exists.
    pub(super) async fn signed_in_again(app: &'a TestApp) -> Self {
        let mut browser = Self::new(app);
        let answer = browser.submit("/dashboard/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303);
        browser
    }

    /// A browser in which the owner has just been set up with this token.
    pub(super) async fn signed_in_with(app: &'a TestApp, token: &str) -> Self {
        let mut browser = Self::new(app);
        browser.get(&format!("/dashboard/setup?token={token}")).await;
        let answer = browser
            .submit(
                "/dashboard/setup",
                &[("token", token), ("email", OWNER), ("password", PASSWORD), ("again", PASSWORD)],
            )
            .await;
        assert_eq!((answer.status, answer.header("location")), (303, "/dashboard"), "{}", answer.text());
        browser
    }

    /// A browser in which somebody with this role is signed in.
    pub(super) async fn signed_in_as(app: &'a TestApp, role: Role) -> Self {
        let owner = Self::signed_in(app).await;
        drop(owner);
        let mut tx = app.state.store.begin().await.unwrap();
        let hash = users::by_email(&mut tx, OWNER).await.unwrap().unwrap().password_hash;
        users::create(&mut tx, "pia@acme.test", "Pia", &hash, role).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let mut browser = Self::new(app);
        browser.get("/dashboard/sign-in").await;
        let answer =
            browser.submit("/dashboard/sign-in", &[("email", "pia@acme.test"), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303);
        browser
    }

    /// `GET path`.
    pub(super) async fn get(&mut self, path: &str) -> Answer {
        let answer = self.app.get(path).header("cookie", &self.cookie_header()).send().await;
        self.keep_cookies(&answer);
        answer
    }

    /// Posts a form with the token of a page this browser has open. The page is read first, as a person would.
    pub(super) async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let door = !self.cookies.contains_key("dovetail_session");
        let page = if door { "/dashboard/sign-in" } else { "/dashboard/environments/new" };
        let token = csrf_of(&self.get(page).await);
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post_raw(action, &all).await
    }

    /// Posts exactly these fields.
    pub(super) async fn post_raw(&mut self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = self
            .app
            .post(action)
            .header("cookie", &self.cookie_header())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await;
        self.keep_cookies(&answer);
        answer
    }

    /// The value of a cookie.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// What the browser sends as `Cookie`.
    pub(super) fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for header in answer.headers.get_all("set-cookie") {
            let pair = header.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The token that the first start prints.
pub(super) async fn setup_token(app: &TestApp) -> String {
    let mut tx = app.state.store.begin().await.unwrap();
    let token = meta::new_setup_token(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    token.expose().to_owned()
}

/// The token in a page's first form.
pub(super) fn csrf_of(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text.split_once(r#"name="csrf" value=""#).unwrap_or_else(|| panic!("no form: {text}"));
    rest.split_once('"').unwrap().0.to_owned()
}
