//! Providers' own pages and token endpoints: what a link in a window goes through.
//!
//! The authorization page offers every end of a consent; the token endpoint checks what a real one checks, and rotates
//! refresh tokens with reuse detection (RFC 9700 section 4.14).

mod app;
mod book;
mod endpoints;
mod oauth1;
mod page;
mod sts;
mod token;

use axum::body::Body;
use dovetail_model::Timestamp;
use http::Response;

pub(crate) use app::install_page;
pub(crate) use book::Book;
pub(crate) use endpoints::{Endpoint, Endpoints, Kind};
pub(crate) use oauth1::{OAUTH_TOKEN, OAUTH_TOKEN_SECRET};
pub(crate) use sts::answer as sts;

use crate::received::Received;

/// Answers a request to one of a provider's OAuth addresses.
pub(crate) fn answer(book: &Book, endpoint: &Endpoint, request: &Received, now: Timestamp) -> Response<Body> {
    match endpoint.kind {
        Kind::Authorization => page::consent(book, &endpoint.provider, request),
        Kind::Token => token::answer(book, &endpoint.provider, request, now),
        Kind::RequestToken => oauth1::request_token(book, request),
        Kind::AccessToken => oauth1::access_token(book, request),
        Kind::InstallationToken => app::token(book, request, now),
        Kind::Installation => app::installation(book, request, now),
        Kind::Installations => app::installations(book, request),
    }
}

/// A parameter of a form, JSON, XML or query, in that order.
fn param(request: &Received, name: &str) -> Option<String> {
    if request.body.starts_with(b"<") {
        let (text, name) = (String::from_utf8_lossy(&request.body), name.replace('_', "-"));
        let rest = text.split_once(&format!("<{name}>"))?.1;
        return rest.split_once('<').map(|(value, _)| value.to_owned());
    }
    if let Some(json) = request.json_body() {
        return json.get(name).and_then(|value| value.as_str().map(str::to_owned));
    }
    url::form_urlencoded::parse(&request.body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .or_else(|| request.query(name))
}
