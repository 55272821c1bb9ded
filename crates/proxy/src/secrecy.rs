//! What must not travel to strangers, nor into logs.

use dovetail_model::Redaction;
use http::header::{self, HeaderMap, HeaderName};
use serde_json::{Map, Value};

use crate::call::Target;

/// Words by which fields that carry secrets are known.
const TELLING: [&str; 9] =
    ["auth", "cookie", "credential", "key", "passw", "secret", "session", "signature", "token"];

/// Beginnings of the names of fields that say nothing about a call: cross-origin rules, and what networks in front
/// of a service add.
const NOISE: [&str; 6] =
    ["access-control-", "cf-", "content-security-policy", "x-amz-cf-", "x-amzn-trace-", "cross-origin-"];

/// Whether the name of a caller's own field says that its value is a secret.
pub(crate) fn names_a_secret(name: &HeaderName) -> bool {
    !is_everyday(name) && TELLING.iter().any(|word| name.as_str().contains(word))
}

/// Fields of nearly every request, none of which has a telling word in it.
fn is_everyday(name: &HeaderName) -> bool {
    matches!(
        *name,
        header::ACCEPT
            | header::ACCEPT_ENCODING
            | header::CONTENT_LENGTH
            | header::CONTENT_TYPE
            | header::HOST
            | header::USER_AGENT
    )
}

/// Knows the secrets of a call: all that its credentials hold, and its integration's client.
pub(crate) fn of<'a>(target: &'a Target<'_>) -> Redaction<'a> {
    let integration = &target.integration;
    Redaction::knowing(target.credentials.fields.values())
        .and(integration.client_id)
        .and(integration.client_secret)
}

/// Fields for the log: without secrets, and without those that say nothing about the call.
pub(crate) fn shown(headers: &HeaderMap, redaction: &Redaction<'_>) -> Map<String, Value> {
    let mut shown = Map::new();
    for name in headers.keys().filter(|name| !is_noise(name)) {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let value = values.collect::<Vec<_>>().join(", ");
        let clean = if names_a_secret(name) {
            dovetail_model::REDACTED.to_owned()
        } else {
            redaction.field(name.as_str(), &value).into_owned()
        };
        shown.insert(name.to_string(), Value::String(clean));
    }
    shown
}

fn is_noise(name: &HeaderName) -> bool {
    matches!(
        *name,
        header::COOKIE
            | header::SET_COOKIE
            | header::SERVER
            | header::STRICT_TRANSPORT_SECURITY
            | header::ALT_SVC
    ) || matches!(name.as_str(), "nel" | "report-to" | "x-powered-by")
        || NOISE.iter().any(|start| name.as_str().starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dovetail_catalog::outgoing::CredentialView;
    use dovetail_model::Credentials;

    #[test]
    fn fields_are_shown_without_secrets_and_noise() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Basic x"),
            ("x-team", "of p-live-123456"),
            ("x-csrf-token", "t"),
            ("accept", "a"),
            ("accept", "b"),
            ("set-cookie", "a=b"),
            ("cf-ray", "1"),
            ("access-control-allow-origin", "*"),
        ] {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let credentials = CredentialView::from(&Credentials::basic("someone", "p-live-123456".to_owned()));
        let shown = Value::Object(shown(&headers, &Redaction::knowing(credentials.fields.values())));
        assert_eq!(
            shown,
            serde_json::json!({
                "authorization": "REDACTED", "x-team": "REDACTED", "x-csrf-token": "REDACTED", "accept": "a, b"
            })
        );
    }

    #[test]
    fn telling_names_are_known() {
        for name in ["authorization", "x-api-key", "cookie", "x-auth-token", "x-amz-security-token", "apikey"]
        {
            assert!(names_a_secret(&HeaderName::from_static(name)), "{name}");
        }
        for name in ["accept", "if-none-match", "x-request-id", "content-type", "prefer"] {
            assert!(!names_a_secret(&HeaderName::from_static(name)), "{name}");
        }
    }
}
