//! What a token endpoint answered.

use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::xml;
use crate::limits::ERROR_CODE_CHARS;
use crate::obtain::ObtainError;
use crate::verify::detail::detail;

/// A 2xx answer.
#[derive(Clone)]
pub struct TokenAnswer {
    /// HTTP status, a 2xx.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body: JSON, XML or a form as an object; anything else as one text.
    pub body: Value,
    secrets: Vec<String>,
}

impl std::fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// OAuth error codes that pass (RFC 6749 section 4.1.2.1, RFC 8628 section 3.5).
const PASSING: [&str; 4] = ["temporarily_unavailable", "server_error", "slow_down", "rate_limited"];

impl TokenAnswer {
    pub(super) fn read(head: &Parts, body: &[u8], secrets: Vec<String>) -> Result<Self, ObtainError> {
        let content_type = content_type(&head.headers);
        let document = document(&content_type, body);
        if head.status.is_success() {
            let (status, headers) = (head.status.as_u16(), head.headers.clone());
            return Ok(Self { status, headers, body: document, secrets });
        }
        if head.status.is_redirection() {
            let target = head.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let host = target
                .and_then(|text| url::Url::parse(text).ok())
                .and_then(|url| url.host_str().map(str::to_owned));
            let detail = Some(match host {
                Some(host) => format!("it redirects to {host}"),
                None => "it redirects".to_owned(),
            });
            return Err(ObtainError::Refused { status: head.status.as_u16(), code: None, detail });
        }
        let code = error_code(&document);
        let detail = detail(&content_type, body, &secrets).or_else(|| sentence(&document, &secrets));
        Err(failure(head.status, &head.headers, code, detail))
    }

    /// The body as an object.
    pub fn object(&self) -> Result<&Map<String, Value>, ObtainError> {
        self.body.as_object().ok_or_else(|| ObtainError::Unreadable("it is no object".to_owned()))
    }

    /// A 2xx that lacks what one of success has.
    pub(super) fn denial(&self) -> ObtainError {
        self.refusal().unwrap_or_else(|| ObtainError::Refused {
            status: self.status,
            code: error_code(&self.body),
            detail: sentence(&self.body, &self.secrets),
        })
    }

    /// What a 2xx that says no says: `error` or `errors` with content, or `ok`, `success` or `status` that deny.
    pub fn refusal(&self) -> Option<ObtainError> {
        let body = self.body.as_object()?;
        let filled = |name: &str| match body.get(name) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Object(members)) => !members.is_empty(),
            Some(Value::Bool(true)) => true,
            Some(Value::Number(number)) => number.as_i64() != Some(0),
        };
        let denied = |name: &str| body.get(name) == Some(&Value::Bool(false));
        (filled("error") || filled("errors") || denied("ok") || denied("success")).then(|| {
            let code = error_code(&self.body);
            let detail = sentence(&self.body, &self.secrets);
            let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
            failure(status, &self.headers, code, detail)
        })
    }
}

fn failure(
    status: StatusCode,
    headers: &HeaderMap,
    code: Option<String>,
    detail: Option<String>,
) -> ObtainError {
    let passes = code.as_deref().is_some_and(|code| PASSING.contains(&code));
    if passes || status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
        let detail = detail.or(code);
        return ObtainError::Unavailable {
            status: Some(status.as_u16()),
            retry_after: retry_after(headers),
            detail,
        };
    }
    let detail = detail.filter(|detail| Some(detail) != code.as_ref());
    ObtainError::Refused { status: status.as_u16(), code, detail }
}

/// Seconds, or the span from the answer's own date to the one it names.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text =
        |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).map(str::trim);
    let value = text(RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(text(http::header::DATE)?).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

/// The body as a document, by what it is rather than by what it is called: some services answer JSON as text, or a
/// form without saying so.
fn document(content_type: &str, body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(body);
    let text = text.trim().trim_start_matches('\u{feff}');
    if let Ok(value) = serde_json::from_str(text) {
        return value;
    }
    if (content_type.contains("xml") || text.starts_with("<?xml"))
        && let Some(value) = xml::parse(text)
    {
        return value;
    }
    if content_type.starts_with("application/x-www-form-urlencoded") || looks_like_form(text) {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        return Value::Object(
            pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect(),
        );
    }
    Value::from(text)
}

/// A text that names what only token answers name. A bare token may hold `=` and `&` too.
fn looks_like_form(text: &str) -> bool {
    const NAMES: [&str; 4] = ["access_token", "oauth_token", "token", "error"];
    !text.starts_with('<')
        && !text.contains(char::is_whitespace)
        && text.split('&').any(|pair| pair.split_once('=').is_some_and(|(name, _)| NAMES.contains(&name)))
}

/// `error` where RFC 6749 section 5.2 puts it, or its usual other places.
fn error_code(document: &Value) -> Option<String> {
    let error = document.get("error");
    let candidates = [
        error.and_then(Value::as_str),
        error.and_then(|error| error.get("code")).and_then(Value::as_str),
        error.and_then(|error| error.get("type")).and_then(Value::as_str),
        document.get("error_code").and_then(Value::as_str),
        document.get("code").and_then(Value::as_str),
    ];
    candidates.into_iter().flatten().find(|code| is_code(code)).map(str::to_owned)
}

fn is_code(text: &str) -> bool {
    (1..=ERROR_CODE_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b))
}

/// The sentence of a document that came as a form, or within a 2xx.
fn sentence(document: &Value, secrets: &[String]) -> Option<String> {
    document
        .is_object()
        .then(|| detail("application/json", document.to_string().as_bytes(), secrets))
        .flatten()
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Result<TokenAnswer, ObtainError> {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let (head, ()) = response.body(()).unwrap().into_parts();
        TokenAnswer::read(&head, body.as_bytes(), vec!["hush-hush".to_owned()])
    }

    #[test]
    fn a_document_is_read_for_what_it_is() {
        for (kind, body) in [
            ("application/json", r#"{"access_token":"a b"}"#),
            ("text/plain", r#"{"access_token":"a b"}"#),
            ("text/html", "access_token=a+b"),
            ("application/x-www-form-urlencoded", "access_token=a%20b"),
            ("text/xml", "<access_token>a b</access_token>"),
        ] {
            let answer = answered(200, &[("content-type", kind)], body).unwrap();
            assert_eq!(answer.body, json!({"access_token": "a b"}), "{kind}");
        }
        let bare = answered(200, &[], "eyJ0.tok==").unwrap();
        assert_eq!(bare.body, json!("eyJ0.tok=="));
    }

    #[test]
    fn refusals_carry_code_and_masked_sentence() {
        let body = r#"{"error":"invalid_grant","error_description":"hush-hush is revoked"}"#;
        assert_eq!(
            answered(400, &[("content-type", "application/json")], body).unwrap_err(),
            ObtainError::Refused {
                status: 400,
                code: Some("invalid_grant".to_owned()),
                detail: Some("*** is revoked".to_owned())
            }
        );
        let form = answered(401, &[], "error=bad_verification_code&error_description=gone").unwrap_err();
        assert_eq!(form.code(), Some("bad_verification_code"));
    }

    #[test]
    fn a_2xx_that_says_no_is_a_refusal() {
        let said = |body: &str| answered(200, &[], body).unwrap().refusal();
        let code = |body: &str| said(body).and_then(|error| error.code().map(str::to_owned));
        assert_eq!(code(r#"{"ok":false,"error":"invalid_code"}"#).as_deref(), Some("invalid_code"));
        assert_eq!(code("error=expired&error_description=x").as_deref(), Some("expired"));
        assert!(said(r#"{"access_token":"t","error":null,"ok":true}"#).is_none());
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        let later = answered(429, &[("retry-after", "7")], "").unwrap_err();
        assert!(
            matches!(later, ObtainError::Unavailable { retry_after: Some(span), .. } if span.as_secs() == 7)
        );
        assert!(answered(503, &[], "").unwrap_err().is_temporary());
        assert!(answered(400, &[], r#"{"error":"temporarily_unavailable"}"#).unwrap_err().is_temporary());
        assert!(!answered(400, &[], r#"{"error":"invalid_client"}"#).unwrap_err().is_temporary());
    }

    #[test]
    fn a_redirect_is_named_and_not_followed() {
        let moved = answered(302, &[("location", "https://elsewhere.test/x?code=1")], "").unwrap_err();
        assert_eq!(moved.to_string(), "the provider refused with HTTP 302: it redirects to elsewhere.test");
    }
}
