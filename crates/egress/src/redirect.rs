//! Following redirects (RFC 9110 section 15.4) without carrying secrets to strangers.

use http::header::{self, HeaderMap, HeaderName};
use http::{Method, StatusCode};
use url::Url;

use crate::error::EgressError;
use crate::limits;

/// Whether [`crate::Client::send`] follows redirects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redirects {
    /// A 3xx answer is an answer.
    #[default]
    None,
    /// Follow, each hop judged by the address policy.
    Follow {
        /// Hops before [`EgressError::TooManyRedirects`].
        max: u8,
        /// Send all headers to foreign origins as well. Off: only
        /// [`is_safe_across_origins`] ones.
        keep_headers: bool,
    },
    /// Follow only 307 and 308, which keep method and body; other 3xx are answers.
    SameMethodOnly {
        /// Hops before [`EgressError::TooManyRedirects`].
        max: u8,
        /// As in [`Redirects::Follow`].
        keep_headers: bool,
    },
}

impl Redirects {
    /// Follow up to [`limits::MAX_REDIRECTS`] hops, secrets stay with their origin.
    pub const fn follow() -> Self {
        Self::Follow { max: limits::MAX_REDIRECTS, keep_headers: false }
    }
}

/// The next request after a redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Where to.
    pub url: Url,
    /// With which method.
    pub method: Method,
    /// The body and its `content-*` headers stay behind.
    pub drop_body: bool,
    /// Scheme, host or port differ from the request before.
    pub cross_origin: bool,
}

/// What a response asks for: `None` if it is no redirect. The address policy is not asked here.
pub fn next_hop(
    method: &Method,
    current: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Hop>, EgressError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(header::LOCATION) else { return Ok(None) };
    let invalid = EgressError::InvalidUrl("the redirect has no valid target");
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| invalid.clone())?;
    let mut url = current.join(location).map_err(|_| invalid.clone())?;
    url.set_fragment(None);
    // A redirect may not make us speak as somebody.
    if url.set_username("").is_err() || url.set_password(None).is_err() {
        return Err(invalid);
    }
    let to_get = match status.as_u16() {
        301 | 302 => method == Method::POST,
        303 => method != Method::HEAD && method != Method::GET,
        _ => false,
    };
    Ok(Some(Hop {
        cross_origin: url.origin() != current.origin(),
        url,
        method: if to_get { Method::GET } else { method.clone() },
        drop_body: to_get,
    }))
}

/// Whether a header may travel to a foreign origin: it describes the request, and names
/// nobody.
pub fn is_safe_across_origins(name: &HeaderName) -> bool {
    matches!(
        *name,
        header::ACCEPT
            | header::ACCEPT_ENCODING
            | header::ACCEPT_LANGUAGE
            | header::CONTENT_TYPE
            | header::CONTENT_LENGTH
            | header::CONTENT_ENCODING
            | header::TE
            | header::TRAILER
            | header::USER_AGENT
    )
}

fn describes_body(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-") || matches!(*name, header::TRANSFER_ENCODING | header::TRAILER)
}

/// Removes from `headers` what must not travel with `hop`.
pub fn strip_for_hop(headers: &mut HeaderMap, hop: &Hop, keep_headers: bool) {
    headers.remove(header::HOST);
    let gone: Vec<HeaderName> = headers
        .keys()
        .filter(|name| {
            (hop.drop_body && describes_body(name))
                || (hop.cross_origin && !keep_headers && !is_safe_across_origins(name))
        })
        .cloned()
        .collect();
    for name in gone {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn hop(method: Method, status: u16, location: &'static str) -> Hop {
        let headers = HeaderMap::from_iter([(header::LOCATION, HeaderValue::from_static(location))]);
        let current = Url::parse("https://api.example.com/v1/a?x=1").unwrap();
        next_hop(&method, &current, StatusCode::from_u16(status).unwrap(), &headers).unwrap().unwrap()
    }

    #[test]
    fn methods_change_as_rfc_9110_says() {
        assert_eq!(hop(Method::POST, 302, "/b").method, Method::GET);
        assert_eq!(hop(Method::PUT, 302, "/b").method, Method::PUT);
        assert_eq!(hop(Method::PUT, 303, "/b").method, Method::GET);
        assert_eq!(hop(Method::HEAD, 303, "/b").method, Method::HEAD);
        let kept = hop(Method::POST, 307, "/b");
        assert_eq!((kept.method, kept.drop_body), (Method::POST, false));
    }

    #[test]
    fn another_scheme_host_or_port_is_another_origin() {
        assert!(!hop(Method::GET, 301, "/b").cross_origin);
        assert!(!hop(Method::GET, 301, "https://API.example.com:443/b").cross_origin);
        for location in
            ["http://api.example.com/", "https://x.api.example.com/", "https://api.example.com:8443/"]
        {
            assert!(hop(Method::GET, 301, location).cross_origin, "{location}");
        }
    }

    #[test]
    fn secrets_of_any_name_stay_with_their_origin() {
        let mut headers = HeaderMap::new();
        for name in ["authorization", "x-api-key", "cookie", "accept", "user-agent", "content-type"] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("v"));
        }
        strip_for_hop(&mut headers, &hop(Method::POST, 302, "https://evil.test/"), false);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["accept", "user-agent"]);
    }

    #[test]
    fn a_target_cannot_carry_credentials() {
        assert_eq!(
            hop(Method::GET, 302, "https://u:p@api.example.com/").url.as_str(),
            "https://api.example.com/"
        );
    }
}
