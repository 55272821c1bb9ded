//! Fields of the provider's answer that reach the caller (proxy.md section 14).

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::hop_by_hop;

/// How many attempts were made for the answer.
pub const ATTEMPTS: HeaderName = HeaderName::from_static("dovetail-proxy-attempts");
/// The stored credentials were refreshed during the call.
pub const REFRESHED: HeaderName = HeaderName::from_static("dovetail-proxy-refreshed");
/// On our own errors only: their code. The provider's answers never carry it.
pub const ERROR: HeaderName = HeaderName::from_static("dovetail-error");

/// Leaves what the caller may see: no hop-by-hop field, nothing that would act on our own
/// origin in a browser (cookies, transport and cross-origin rules), no empty value, and none
/// of our own names.
pub(crate) fn filter(headers: &mut HeaderMap) {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        // Of two ends the chunks' is the true one (RFC 9112 section 6.3).
        headers.remove(header::CONTENT_LENGTH);
    }
    hop_by_hop::strip(headers);
    if !headers.iter().any(|(name, value)| is_dropped(name, value)) {
        return;
    }
    let gone: Vec<HeaderName> =
        headers.iter().filter(|(name, value)| is_dropped(name, value)).map(|(n, _)| n.clone()).collect();
    for name in gone {
        headers.remove(name);
    }
}

fn is_dropped(name: &HeaderName, value: &HeaderValue) -> bool {
    matches!(*name, header::SET_COOKIE | header::STRICT_TRANSPORT_SECURITY | header::ALT_SVC)
        || value.is_empty()
        || name.as_str().starts_with("access-control-")
        || [ATTEMPTS, REFRESHED, ERROR].contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_beside_chunks_is_not_passed_on() {
        let chunked = (header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        let length = (header::CONTENT_LENGTH, HeaderValue::from_static("2"));
        let mut headers = HeaderMap::from_iter([chunked, length]);
        filter(&mut headers);
        assert!(headers.is_empty());
    }

    #[test]
    fn only_what_concerns_the_message_passes() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "application/json"),
            ("link", "<https://x.test/?page=2>; rel=\"next\""),
            ("x-ratelimit-remaining", "9"),
            ("content-length", "12"),
            ("content-encoding", "gzip"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("access-control-allow-origin", "*"),
            ("strict-transport-security", "max-age=1"),
            ("alt-svc", "h3"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("x-empty", ""),
            ("dovetail-error", "forged"),
        ] {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        filter(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(
            left,
            ["content-type", "link", "x-ratelimit-remaining", "content-length", "content-encoding"]
        );
    }
}
