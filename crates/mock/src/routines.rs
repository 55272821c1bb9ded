//! What providers answer to the calls by which the product finds out about an account, or checks credentials where no
//! plain request tells. Some are made to hosts that no definition names.

use std::sync::LazyLock;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::answer::{self, json_response};
use crate::directory::Directory;
use crate::received::Received;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// No definition names the host.
    #[serde(default)]
    elsewhere: bool,
    /// A `*` stands for one or more characters without a dot.
    host: String,
    /// Method and path; a `*` stands for one segment.
    call: String,
    #[serde(default)]
    body: Value,
    /// Instead of `body`.
    xml: Option<String>,
    /// The user names of these providers' demo credentials are good at this host; empty: any credentials are.
    #[serde(default)]
    keys_of: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program and read by a test")]
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("routines.json")).expect("routines.json has its shape")
});

impl Known {
    fn of(request: &Received) -> Option<&'static Self> {
        let call = format!("{} {}", request.parts.method, request.url.path());
        KNOWN.iter().find(|known| fits(&known.host, request.host(), '.') && fits(&known.call, &call, '/'))
    }

    fn answer(&'static self) -> Response<Body> {
        match &self.xml {
            None => json_response(StatusCode::OK, &self.body),
            Some(xml) => {
                let mut response = Response::new(Body::from(xml.as_str()));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
                response
            }
        }
    }
}

/// Part by part, where `*` is any part that is not empty.
fn fits(pattern: &str, text: &str, separator: char) -> bool {
    let (mut wanted, mut found) = (pattern.split(separator), text.split(separator));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some("*"), Some(part)) if !part.is_empty() => {}
            (Some(wanted), Some(part)) if wanted == part => {}
            _ => return false,
        }
    }
}

/// The answer to a call whose credentials are good.
pub(crate) fn at_home(request: &Received) -> Option<Response<Body>> {
    Known::of(request).map(Known::answer)
}

/// The answer at a host that belongs to no definition. It knows of credentials only that there are some, unless the
/// table says whose they are.
pub(crate) fn elsewhere(directory: &Directory, request: &Received) -> Option<Response<Body>> {
    let known = Known::of(request).filter(|known| known.elsewhere)?;
    let shown = request.header(AUTHORIZATION.as_str()).unwrap_or_default();
    let good = if known.keys_of.is_empty() {
        !shown.is_empty()
    } else {
        let mut keys =
            known.keys_of.iter().filter_map(|id| directory.demo(id)?.credentials.get("username")?.as_str());
        keys.any(|key| shown.contains(&format!("Credential={key}/")))
    };
    Some(if good { known.answer() } else { answer::refused("", false) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_reads() {
        for known in KNOWN.iter() {
            assert_eq!(known.xml.is_some(), known.body.is_null(), "{known:?}");
            assert!(known.call.split_once(' ').is_some_and(|(_, path)| path.starts_with('/')), "{known:?}");
        }
    }

    #[test]
    fn a_star_is_one_part() {
        assert!(fits("sts.*.amazonaws.com", "sts.eu-west-3.amazonaws.com", '.'));
        assert!(!fits("sts.*.amazonaws.com", "sts.amazonaws.com", '.'));
        assert!(!fits("*.ccbchurch.com", "ccbchurch.com.evil.test", '.'));
        assert!(fits("GET /ex/jira/*/myself", "GET /ex/jira/c-1/myself", '/'));
        assert!(!fits("GET /ex/jira/*/myself", "GET /ex/jira//myself", '/'));
        assert!(!fits("GET /ex/jira/*/myself", "POST /ex/jira/c-1/myself", '/'));
    }
}
