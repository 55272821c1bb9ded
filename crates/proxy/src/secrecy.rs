//! What must not travel to strangers, nor into logs.

use dovetail_catalog::outgoing::CredentialView;
use http::HeaderName;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::Url;

/// Shortest secret that is looked for in a URL: shorter ones would blot out ordinary words.
const MIN_SECRET: usize = 6;

/// What stands in the place of a secret.
const REDACTED: &str = "REDACTED";

/// Words by which fields that carry secrets are known.
const TELLING: [&str; 9] =
    ["auth", "cookie", "credential", "key", "passw", "secret", "session", "signature", "token"];

/// Whether the name of a caller's own field says that its value is a secret.
pub(crate) fn names_a_secret(name: &HeaderName) -> bool {
    TELLING.iter().any(|word| name.as_str().contains(word))
}

/// `url` for the log: every text of the credentials, plain or percent-encoded, is blotted out.
pub(crate) fn redacted(url: &Url, credentials: &CredentialView) -> String {
    let mut texts = Vec::new();
    credentials.fields.values().for_each(|value| collect_texts(value, &mut texts));
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let mut shown = url.to_string();
    for text in texts {
        let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for form in [text, &encoded, &form] {
            if shown.contains(form) {
                shown = shown.replace(form, REDACTED);
            }
        }
    }
    shown
}

fn collect_texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if text.len() >= MIN_SECRET => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(map) => map.values().for_each(|item| collect_texts(item, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dovetail_model::Credentials;

    #[test]
    fn secrets_are_blotted_out_in_every_spelling() {
        let credentials = CredentialView::from(&Credentials::basic("someone", "p@ss word/1".to_owned()));
        let url =
            Url::parse("https://x.test/bot?a=p%40ss%20word%2F1&b=p%40ss+word%2F1&u=someone&n=5").unwrap();
        assert_eq!(redacted(&url, &credentials), "https://x.test/bot?a=REDACTED&b=REDACTED&u=REDACTED&n=5");
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
