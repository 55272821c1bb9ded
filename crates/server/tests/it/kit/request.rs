//! A request under construction.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::request::Builder;
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::Answer;

/// Build it, then `send().await`.
pub(crate) struct RequestBuilder {
    router: Router,
    builder: Builder,
    body: Body,
}

impl RequestBuilder {
    pub(crate) fn new(router: Router, method: Method, path: &str) -> Self {
        let peer: SocketAddr = ([192, 0, 2, 1], 50000).into();
        let builder = Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        Self { router, builder, body: Body::empty() }
    }

    /// Sends `Authorization: Bearer <token>`.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sends a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// Sends a JSON body.
    pub(crate) fn json(mut self, body: Value) -> Self {
        self.body = body.to_string().into();
        self.header(header::CONTENT_TYPE.as_str(), "application/json")
    }

    /// Sends a body as it is.
    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request through the router and reads the answer.
    pub(crate) async fn send(self) -> Answer {
        let request = self.builder.body(self.body).unwrap();
        let response = self.router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }
}
