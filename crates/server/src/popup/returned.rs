//! The way back of a browser that has no page which waits for it.

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use url::Url;

use super::Outcome;

/// Back to the page that sent the browser: with what came of it, and no secret. The URL has been allowed before.
pub(crate) fn returned(url: &str, outcome: &Outcome) -> Option<Response> {
    let mut url = Url::parse(url).ok()?;
    {
        let mut query = url.query_pairs_mut();
        match outcome {
            Outcome::Success { provider_config_key, connection_id, is_pending } => {
                query.append_pair("connection_id", connection_id);
                query.append_pair("provider_config_key", provider_config_key);
                if *is_pending {
                    query.append_pair("is_pending", "true");
                }
            }
            Outcome::Error { error_type, error_desc, .. } => {
                query.append_pair("error_type", error_type);
                query.append_pair("error", error_desc);
            }
        }
    }
    let mut response = StatusCode::SEE_OTHER.into_response();
    let out = response.headers_mut();
    out.insert(LOCATION, HeaderValue::from_str(url.as_str()).ok()?);
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Some(response)
}
