//! Reading public documents: well-known metadata, and the challenge of a server without a token.

use dovetail_egress::{Body, EgressError, Redirects, SendOptions, collect};
use http::header::{ACCEPT, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::limits::{MCP_DOCUMENT_BYTES, MCP_REDIRECTS, TOKEN_DEADLINE};
use crate::obtain::{ObtainError, Party};

/// The protocol version that we speak.
const VERSION: (HeaderName, HeaderValue) =
    (HeaderName::from_static("mcp-protocol-version"), HeaderValue::from_static("2025-11-25"));

/// What was found under a URL.
pub(super) enum Found<T> {
    /// The document.
    Document(T),
    /// There is none: the server said so with a 4xx, or what is there is another document.
    Nothing,
}

/// Head of an answer to a request without a token.
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

/// Reads a JSON document. A 5xx or a silent server is an error: what is not known must not be guessed.
pub(super) async fn document<T: DeserializeOwned>(
    party: &Party<'_>,
    url: &Url,
) -> Result<Found<T>, ObtainError> {
    let response = send(party, url).await?;
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(ObtainError::Unavailable {
            status: Some(status.as_u16()),
            retry_after: None,
            detail: None,
        });
    }
    if !status.is_success() {
        return Ok(Found::Nothing);
    }
    let body =
        collect(response.into_body(), MCP_DOCUMENT_BYTES).await.map_err(|error| failed(url, &error))?;
    Ok(serde_json::from_slice(&body).map_or(Found::Nothing, Found::Document))
}

/// Asks without a token, for the sake of the refusal.
pub(super) async fn head(party: &Party<'_>, url: &Url) -> Result<Head, ObtainError> {
    let (head, _) = send(party, url).await?.into_parts();
    Ok(Head { status: head.status, headers: head.headers })
}

async fn send(
    party: &Party<'_>,
    url: &Url,
) -> Result<http::Response<dovetail_egress::ResponseBody>, ObtainError> {
    let mut request = Request::builder()
        .method(Method::GET)
        .uri(url.as_str())
        .header(ACCEPT, "application/json, text/event-stream")
        .body(Body::empty())
        .map_err(|_| ObtainError::Unbuildable("the URL is not valid".to_owned()))?;
    let (name, value) = VERSION;
    request.headers_mut().insert(name, value);
    let redirects = Redirects::Follow { max: MCP_REDIRECTS, keep_headers: false };
    let options = SendOptions::default().total(TOKEN_DEADLINE).redirects(redirects);
    party.egress.send(request, options).await.map_err(|error| failed(url, &error))
}

fn failed(url: &Url, error: &EgressError) -> ObtainError {
    let host = url.host_str().unwrap_or_default();
    match error {
        EgressError::Blocked(_) | EgressError::InvalidUrl(_) => {
            ObtainError::Unbuildable(format!("{host} may not be called: {error}"))
        }
        _ => ObtainError::Unavailable {
            status: None,
            retry_after: None,
            detail: Some(format!("{host}: {error}")),
        },
    }
}
