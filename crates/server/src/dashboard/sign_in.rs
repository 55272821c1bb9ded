//! `/dashboard/sign-in`.

use std::net::IpAddr;
use std::time::Duration;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::response::Response;
use dovetail_model::{Actor, AuditOutcome};
use dovetail_store::users;
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;

use super::audit::{Origin, note_account};
use super::door::Door;
use super::error::PageError;
use super::form::DoorFields;
use super::format::count;
use super::page::see_other;
use super::password::PasswordError;
use super::throttle::{Throttle, Throttled};
use super::{password, session};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "dashboard/sign_in.html")]
struct SignInPage<'a> {
    csrf: &'a str,
    next: &'a str,
    email: &'a str,
    notice: Option<&'a str>,
    error: Option<String>,
}

/// `?next=` and `?signed=out`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    done: String,
}

/// The form.
pub(crate) async fn show(
    door: Door,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(asked) = asked.unwrap_or_default();
    let notice = match asked.done.as_str() {
        "signed-out" => Some("You are signed out."),
        "set-up" => Some("The owner account exists. Sign in with it."),
        _ => None,
    };
    let csrf = door.csrf.clone();
    let page = SignInPage { csrf: &csrf, next: safe_next(&asked.next), email: "", notice, error: None };
    door.answer(StatusCode::OK, &page)
}

/// Checks the password and begins a session. Every refusal reads the same.
pub(crate) async fn sign_in(
    State(app): State<AppState>,
    Extension(throttle): Extension<Throttle>,
    door: Door,
    origin: Origin,
    DoorFields(fields): DoorFields,
) -> Result<Response, PageError> {
    let email = fields.get("email").to_lowercase();
    let next = safe_next(fields.get("next")).to_owned();
    let place = origin.address.map_or_else(String::new, network_of);
    if let Err(throttled) = throttle.attempt(&email, &place, app.now()) {
        return refuse(door, &email, &next, Some(throttled));
    }
    let password = fields.secret("password").cloned().unwrap_or_default();
    let mut db = app.store.read().await?;
    let user = users::by_email(&mut db, &email).await?;
    drop(db);
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let right = match password::verify(password, stored).await {
        Ok(right) => right,
        Err(PasswordError::Busy) => return refuse(door, &email, &next, Some(BUSY)),
        Err(error) => return Err(PageError::internal(error)),
    };
    let (true, Some(user)) = (right, user) else {
        note_account(&app, Actor::Anonymous, &origin, "login", &email, AuditOutcome::Failure).await?;
        return refuse(door, &email, &next, None);
    };
    throttle.succeeded(&email);
    let cookie = session::begin(&app, user.id, &origin.agent).await?;
    let actor = Actor::User { id: user.id.0, display: user.email.clone() };
    note_account(&app, actor, &origin, "login", &email, AuditOutcome::Success).await?;
    let mut response = see_other(&next);
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// When too many people sign in at the same moment.
const BUSY: Throttled = Throttled { retry_after: Duration::from_secs(30) };

fn refuse(door: Door, email: &str, next: &str, throttled: Option<Throttled>) -> Result<Response, PageError> {
    let (status, text) = match throttled {
        Some(throttled) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("Too many attempts. Try again in {}.", count(minutes(throttled), "minute")),
        ),
        None => (
            StatusCode::UNAUTHORIZED,
            "E-mail and password do not belong together. Check both and try again.".to_owned(),
        ),
    };
    let csrf = door.csrf.clone();
    let page = SignInPage { csrf: &csrf, next, email, notice: None, error: Some(text) };
    let mut response = door.answer(status, &page)?;
    if let Some(throttled) = throttled {
        let seconds = throttled.retry_after.as_secs() + 1;
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

fn minutes(throttled: Throttled) -> u64 {
    throttled.retry_after.as_secs() / 60 + 1
}

/// Where to go after signing in: only pages of the dashboard.
fn safe_next(next: &str) -> &str {
    let inside = next == "/dashboard" || next.starts_with("/dashboard/") || next.starts_with("/dashboard?");
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if inside && plain { next } else { "/dashboard" }
}

/// What is counted as one place: an IPv4 address, or the 64-bit network that one IPv6 customer has.
fn network_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_dashboard_is_gone_to() {
        assert_eq!(safe_next("/dashboard/dev/connections?q=a+b"), "/dashboard/dev/connections?q=a+b");
        for bad in ["", "//evil.test", "https://evil.test", "/dashboardx", "/connect/", "/dashboard/\\evil"] {
            assert_eq!(safe_next(bad), "/dashboard", "{bad}");
        }
    }

    #[test]
    fn one_ipv6_customer_is_one_place() {
        let [a, b] = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"].map(|text| text.parse().unwrap());
        assert_eq!(network_of(a), network_of(b));
        assert_ne!(network_of(a), network_of("2001:db8:1:3::1".parse().unwrap()));
    }
}
