//! One API request as handlers see it: read and parsed, not yet authorised.
//!
//! [`Call`] has read the body (so malformed JSON is answered before authentication, as the contract wants);
//! [`Head`] has not, for handlers that stream it.

mod body;
pub(crate) mod client_ip;
mod params;

use std::net::IpAddr;
use std::ops::Deref;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use serde_json::Value;

pub use body::Payload;

use crate::auth::QuotaSlot;
use crate::state::AppState;
use crate::wire::{ApiError, ErrorCode};
use crate::{qs, wire};

/// Everything of a request but its body.
#[derive(Debug)]
pub struct Head {
    /// The server's parts.
    pub app: AppState,
    /// The method.
    pub method: Method,
    /// The address, its path in canonical case.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// Path parameters by name, percent-decoded, in the case the client wrote; a `{*rest}` parameter is not decoded.
    pub params: Value,
    /// The query string, read as clients write it ([`crate::qs`]).
    pub query: Value,
    /// Who is calling; `None` in memory (tests).
    pub client_ip: Option<IpAddr>,
    /// Where authentication leaves what remains of the caller's rate limit.
    pub(crate) quota: QuotaSlot,
}

/// A request with its body read.
#[derive(Debug)]
pub struct Call {
    head: Head,
    /// The body.
    pub body: Payload,
}

impl Head {
    /// The head of a request whose query belongs to somebody else: it is not read.
    pub(crate) fn opaque(parts: Parts, app: &AppState, quota: QuotaSlot) -> Self {
        Self {
            app: app.clone(),
            client_ip: client_ip::read(&parts, app.config.trust_proxy),
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            params: Value::Null,
            query: Value::Null,
            quota,
        }
    }

    /// A path parameter; empty when the route has none of this name.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A header as text; `None` when it is absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A query parameter that is a plain text and not empty.
    pub fn query_text(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

impl Call {
    /// The parsed body, for validation; `None` when there is none (or it is neither JSON nor a form).
    pub fn json(&self) -> Option<&Value> {
        self.body.value()
    }
}

impl Deref for Call {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

impl FromRequestParts<AppState> for Head {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> wire::ApiResult<Self> {
        let query = qs::parse(parts.uri.query().unwrap_or_default());
        if body::holds_nul(&query) {
            return Err(ApiError::new(ErrorCode::InvalidQueryParams).message(body::NUL_MESSAGE));
        }
        Ok(Self {
            app: app.clone(),
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            params: params::read(parts),
            query,
            client_ip: client_ip::read(parts, app.config.trust_proxy),
            quota: parts.extensions.get::<QuotaSlot>().cloned().unwrap_or_default(),
        })
    }
}

impl FromRequest<AppState> for Call {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &AppState) -> wire::ApiResult<Self> {
        let (mut parts, body) = request.into_parts();
        let head = Head::from_request_parts(&mut parts, app).await?;
        let body = Payload::read(&head, body).await?;
        Ok(Self { head, body })
    }
}
