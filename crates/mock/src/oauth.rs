//! Providers' own pages and token endpoints: what a link in a window goes through.
//!
//! The authorization page offers every end of a consent; the token endpoint checks what a real one checks, and rotates
//! refresh tokens with reuse detection (RFC 9700 section 4.14).

mod book;
mod endpoints;
mod oauth1;
mod page;
mod token;

use axum::body::Body;
use http::Response;

pub(crate) use book::Book;
pub(crate) use endpoints::{Endpoint, Endpoints, Kind};
pub(crate) use oauth1::OAUTH_TOKEN;

use crate::received::Received;

/// Answers a request to one of a provider's OAuth addresses.
pub(crate) fn answer(book: &Book, endpoint: &Endpoint, request: &Received) -> Response<Body> {
    match endpoint.kind {
        Kind::Authorization => page::consent(book, &endpoint.provider, request),
        Kind::Token => token::answer(book, &endpoint.provider, request),
        Kind::RequestToken => oauth1::request_token(book, request),
        Kind::AccessToken => oauth1::access_token(book, request),
    }
}

/// A parameter of a form, JSON or query, in that order.
fn param(request: &Received, name: &str) -> Option<String> {
    if let Some(json) = request.json_body() {
        return json.get(name).and_then(|value| value.as_str().map(str::to_owned));
    }
    url::form_urlencoded::parse(&request.body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .or_else(|| request.query(name))
}
