//! Security headers of every answer (spec: http-api.md 1.5). A handler that sets one itself keeps its own.

use http::{HeaderMap, HeaderName, HeaderValue, header};

const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_XSS_PROTECTION, HeaderValue::from_static("0")),
    (header::X_DNS_PREFETCH_CONTROL, HeaderValue::from_static("off")),
    (HeaderName::from_static("x-download-options"), HeaderValue::from_static("noopen")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=5184000; includeSubDomains")),
    // Answers that are not pages load nothing and are framed by nobody; pages set their own policy.
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'self'")),
];

/// The two that mean something for a script, a stylesheet or a picture of our own. A page asks for dozens of files:
/// what each carries in vain is a good part of the page's weight.
const STATIC_FILE: [HeaderName; 2] = [header::X_CONTENT_TYPE_OPTIONS, header::STRICT_TRANSPORT_SECURITY];

/// Whether a path names a file that is compiled into the binary.
pub(super) fn is_static_file(path: &str) -> bool {
    path.starts_with("/assets/")
}

/// Adds the security headers that the handler did not set. `X-Frame-Options` is left out where the handler's own
/// policy says who may embed the page.
pub(super) fn write(headers: &mut HeaderMap, is_static: bool) {
    let embeds = headers.contains_key(header::CONTENT_SECURITY_POLICY);
    for (name, value) in HEADERS {
        if !is_static || STATIC_FILE.contains(&name) {
            headers.entry(name).or_insert(value);
        }
    }
    if !embeds && !is_static {
        headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("SAMEORIGIN"));
    }
}
