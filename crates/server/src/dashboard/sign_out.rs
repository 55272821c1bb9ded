//! `POST /dashboard/sign-out`.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http::header::SET_COOKIE;

use super::error::PageError;
use super::form::Fields;
use super::page::see_other;
use super::{cookies, session};
use crate::state::AppState;

/// Ends the session on the server, and forgets its cookie.
pub(crate) async fn sign_out(
    State(app): State<AppState>,
    headers: HeaderMap,
    _: Fields,
) -> Result<Response, PageError> {
    if let Some(token) = cookies::read(&headers, cookies::SESSION) {
        session::end(&app, token).await?;
    }
    let mut response = see_other("/dashboard/sign-in?done=signed-out");
    let https = app.config.public_url.scheme() == "https";
    if let Some(cookie) = cookies::set(cookies::SESSION, "", Duration::ZERO, https) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
