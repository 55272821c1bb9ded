//! `GET /oauth/simulated?url=…`: the simulated page of a provider. Browsers cannot reach the simulator, and would look
//! for the real provider at the address that is meant: here its page is passed on. Only with `--simulate`.

use axum::response::{Html, IntoResponse as _, Response};
use dovetail_egress::{Body, Redirects, SendOptions, collect};
use http::HeaderValue;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};

use url::Url;

use crate::call::Head;
use crate::limits::{SIMULATED_PAGE_BYTES, SIMULATED_PAGE_WAIT};
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// The page is the simulator's and runs no script; its style stands in it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Tells the simulator where pages of installations lead back to.
const CALLBACK: &str = "dovetail-simulated-callback";

/// Shows it.
pub(super) async fn page(head: Head) -> ApiResult<Response> {
    let unknown = |message: &str| ApiError::new(ErrorCode::InvalidQueryParams).message(message);
    let url = head.query_text("url").ok_or_else(|| unknown("`url` names the page that is simulated."))?;
    let url = whole(url).ok_or_else(|| unknown("`url` is not a URL."))?;
    let request = http::Request::get(url.as_str())
        .header(ACCEPT, "text/html")
        // Pages of installations lead to an address that is configured at the service.
        .header(CALLBACK, head.app.config.absolute("/oauth/callback"))
        .body(Body::empty())
        .map_err(|_| unknown("`url` is not a URL."))?;
    let options = SendOptions::default().total(SIMULATED_PAGE_WAIT).redirects(Redirects::None);
    let answer = head.app.egress.send(request, options).await;
    let answer = answer.map_err(|error| unknown(&format!("The simulator gave no page: {error}.")))?;
    let status = answer.status();
    let html = collect(answer.into_body(), SIMULATED_PAGE_BYTES)
        .await
        .map_err(|error| unknown(&format!("The simulator's page could not be read: {error}.")))?;
    let mut response = (status, Html(html)).into_response();
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    out.insert(CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}

/// The URL with the parameters that it has behind its fragment's sign, where some providers' pages read them.
fn whole(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    let behind =
        url.fragment().and_then(|fragment| fragment.split_once('?')).map(|(_, query)| query.to_owned());
    if let Some(query) = behind {
        url.set_query(Some(&query));
    }
    url.set_fragment(None);
    Some(url)
}
