//! Pages before sign-in: their forms are bound to a cookie of their own.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::error::PageError;
use super::limits::DOOR_COOKIE;
use super::page::page_with;
use super::{cookies, csrf};
use crate::state::AppState;

/// Random bytes in the cookie: not to be guessed.
const TOKEN_BYTES: usize = 32;

/// The cookie a door form is bound to, new or the one the browser has.
#[derive(Debug)]
pub(crate) struct Door {
    /// The token of the form.
    pub csrf: String,
    cookie: Option<HeaderValue>,
}

impl Door {
    /// The page, with the cookie its form needs.
    pub(crate) fn answer(self, status: StatusCode, template: &impl Template) -> Result<Response, PageError> {
        let mut response = page_with(status, template)?;
        if let Some(cookie) = self.cookie {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        Ok(response)
    }

    fn open(app: &AppState, headers: &HeaderMap) -> Self {
        if let Some(known) = cookies::read(headers, cookies::DOOR) {
            return Self { csrf: csrf::issue(known, &*app.random), cookie: None };
        }
        let token = random_token(app);
        let https = app.config.public_url.scheme() == "https";
        let cookie = cookies::set(cookies::DOOR, &token, DOOR_COOKIE, https);
        Self { csrf: csrf::issue(&token, &*app.random), cookie }
    }
}

/// A fresh secret for a cookie.
pub(crate) fn random_token(app: &AppState) -> String {
    let mut bytes = [0; TOKEN_BYTES];
    app.random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

impl FromRequestParts<AppState> for Door {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        Ok(Self::open(app, &parts.headers))
    }
}
