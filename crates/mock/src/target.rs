//! For whom a request was meant.
//!
//! The product sends every outbound request of a simulation here as plain HTTP, with `Host` set to
//! the intended host and `Dovetail-Simulated-Url` to the intended absolute URL. A request to the
//! simulator's own address is for its control API.

use std::net::IpAddr;

use http::header::HOST;
use http::request::Parts;
use url::Url;

/// Header with the intended absolute URL.
pub const SIMULATED_URL: &str = "dovetail-simulated-url";

/// Why the intended URL cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("`Dovetail-Simulated-Url` is not an absolute http or https URL")]
    SimulatedUrl,
    #[error("the `Host` header is not a host")]
    Host,
}

/// The intended URL, or `None` for the control API.
pub(crate) fn intended(parts: &Parts) -> Result<Option<Url>, TargetError> {
    if let Some(value) = parts.headers.get(SIMULATED_URL) {
        let url = value.to_str().ok().and_then(|text| Url::parse(text).ok());
        return match url {
            Some(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Some(url)),
            _ => Err(TargetError::SimulatedUrl),
        };
    }
    let authority = match (parts.uri.authority(), parts.headers.get(HOST)) {
        (Some(authority), _) => authority.as_str(),
        (None, Some(host)) => host.to_str().map_err(|_| TargetError::Host)?,
        (None, None) => return Ok(None),
    };
    if is_own_address(authority) {
        return Ok(None);
    }
    let rest = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    Url::parse(&format!("https://{authority}{rest}")).map(Some).map_err(|_| TargetError::Host)
}

/// Loopback names and bare addresses reach the simulator itself; providers have names.
fn is_own_address(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<http::uri::Authority>() else {
        return false;
    };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.is_empty() || host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::intended;

    fn target(uri: &str, headers: &[(&str, &str)]) -> Result<Option<String>, String> {
        let mut request = http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        intended(&parts).map(|u| u.map(String::from)).map_err(|e| e.to_string())
    }

    #[test]
    fn the_simulated_url_wins() {
        let headers = [("host", "coda.io"), ("dovetail-simulated-url", "http://a.example/x?y=1")];
        assert_eq!(target("/x?y=1", &headers), Ok(Some("http://a.example/x?y=1".into())));
    }

    #[test]
    fn without_it_the_host_says() {
        assert_eq!(target("/a?b", &[("host", "coda.io")]), Ok(Some("https://coda.io/a?b".into())));
    }

    #[test]
    fn own_addresses_reach_the_control_api() {
        for host in ["127.0.0.1:3999", "localhost:3999", "[::1]:3999", "0.0.0.0"] {
            assert_eq!(target("/__faults", &[("host", host)]), Ok(None), "{host}");
        }
        assert_eq!(target("/__faults", &[]), Ok(None));
    }

    #[test]
    fn a_url_that_is_none_is_refused() {
        for bad in ["coda.io", "ftp://coda.io/", "https://", "javascript:alert(1)"] {
            assert!(target("/", &[("dovetail-simulated-url", bad)]).is_err(), "{bad}");
        }
        assert!(target("/", &[("host", "a b")]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_a_url_or_an_error(text in "[!-~]{1,60}") {
            if let Ok(Some(url)) = target("/", &[("dovetail-simulated-url", text.as_str())]) {
                assert!(url.starts_with("http://") || url.starts_with("https://"));
            }
        }
    }
}
