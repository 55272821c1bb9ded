//! Taking secrets out of what is written down (proxy.md section 17, observability.md section 4).
//!
//! Redaction follows the structure of what it is given: a member of a document, a parameter of a URL, a field of a
//! head. Where the name says secret, or the value holds a known one in whatever encoding, the whole value goes.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use url::Url;

use crate::limits::{REDACTION_DEPTH, SHORTEST_REDACTED};

/// What stands in the place of a secret.
pub const REDACTED: &str = "REDACTED";

/// Words that mark a name as secret when the name, reduced to lower-case letters, contains them.
const SECRET_WORDS: [&str; 18] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "authorization",
    "cookie",
    "assertion",
    "apikey",
    "privatekey",
    "clientkey",
    "devkey",
    "accesskey",
    "authkey",
    "signature",
    "credential",
    "certificate",
    "hmac",
];

/// Names that are secret only as a whole: as a part of a longer name they are too common.
const SECRET_NAMES: [&str; 7] = ["key", "refresh", "pass", "pwd", "verifier", "codeverifier", "sessionid"];

/// Whether a name says that its value is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let letters: String =
        name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    SECRET_NAMES.contains(&letters.as_str()) || SECRET_WORDS.iter().any(|word| letters.contains(word))
}

/// What is known to be secret, besides what names tell.
#[derive(Clone, Default)]
pub struct Redaction<'a> {
    secrets: Vec<&'a str>,
}

impl std::fmt::Debug for Redaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redaction").field("secrets", &self.secrets.len()).finish()
    }
}

impl<'a> Redaction<'a> {
    /// Goes by names alone.
    pub fn by_name() -> Self {
        Self::default()
    }

    /// Knows every text in `values`, at any depth, that is not too short to be told from ordinary words.
    pub fn knowing(values: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut secrets = Vec::new();
        values.into_iter().for_each(|value| collect(value, &mut secrets));
        Self { secrets }
    }

    /// Knows `secret` too.
    #[must_use]
    pub fn and(mut self, secret: Option<&'a str>) -> Self {
        self.secrets.extend(secret.filter(|secret| secret.len() >= SHORTEST_REDACTED));
        self
    }

    /// A copy of a document, at most [`REDACTION_DEPTH`] levels of it.
    pub fn document(&self, document: &Value) -> Value {
        self.walk(document, 0)
    }

    /// The value of a field of a head or of a form.
    pub fn field<'v>(&self, name: &str, value: &'v str) -> Cow<'v, str> {
        let is_secret = is_secret_name(name) || is_authorization_code(name, value) || self.knows(value);
        if is_secret { Cow::Borrowed(REDACTED) } else { self.text(value) }
    }

    /// A text of unknown form: a URL, a JSON document, or words.
    pub fn text<'v>(&self, text: &'v str) -> Cow<'v, str> {
        if text.starts_with("http://") || text.starts_with("https://") {
            return Cow::Owned(self.url(text));
        }
        if text.starts_with(['{', '['])
            && let Ok(document) = serde_json::from_str::<Value>(text)
        {
            return Cow::Owned(self.document(&document).to_string());
        }
        Cow::Borrowed(if self.knows(text) { REDACTED } else { text })
    }

    /// A sentence: the URLs among its words, and words that hold a known secret.
    pub fn sentence<'v>(&self, sentence: &'v str) -> Cow<'v, str> {
        let is_plain = self.secrets.is_empty() && !sentence.contains("://");
        if is_plain {
            return Cow::Borrowed(sentence);
        }
        let word = |word: &str| {
            let end = word.trim_end();
            self.text(end).into_owned() + &word[end.len()..]
        };
        Cow::Owned(sentence.split_inclusive(char::is_whitespace).map(word).collect())
    }

    /// A form (`application/x-www-form-urlencoded`) or a query, pair by pair; the other pairs stay to the byte.
    pub fn pairs(&self, pairs: &str) -> String {
        let clean: Vec<Cow<'_, str>> = pairs.split('&').map(|pair| self.pair(pair)).collect();
        let clean = clean.join("&");
        // A secret that holds the separator itself, written without encoding.
        if self.knows(&clean) { REDACTED.to_owned() } else { clean }
    }

    /// A URL, part by part; parts without a secret stay to the byte. What is no URL goes as a whole.
    pub fn url(&self, text: &str) -> String {
        let Ok(mut url) = Url::parse(text) else { return REDACTED.to_owned() };
        if !url.username().is_empty() || url.password().is_some() {
            // Neither fails on a URL that has a host.
            url.set_password(None).ok();
            url.set_username(REDACTED).ok();
        }
        if let Some(host) = url.host_str().filter(|host| self.knows(host)) {
            let label = |label| if self.knows(label) { "redacted" } else { label };
            let host = host.split('.').map(label).collect::<Vec<_>>().join(".");
            let host = if self.knows(&host) { "redacted".to_owned() } else { host };
            if url.set_host(Some(&host)).is_err() {
                return REDACTED.to_owned();
            }
        }
        if self.knows(url.path()) {
            let segment = |segment| if self.knows(segment) { REDACTED } else { segment };
            let path = url.path().split('/').map(segment).collect::<Vec<_>>().join("/");
            url.set_path(if self.knows(&path) { REDACTED } else { &path });
        }
        if let Some(query) = url.query() {
            let clean = self.pairs(query);
            if clean != query {
                url.set_query(Some(&clean));
            }
        }
        url.into()
    }

    fn pair<'p>(&self, pair: &'p str) -> Cow<'p, str> {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if self.knows(name) {
            return Cow::Borrowed(REDACTED);
        }
        let plain = percent_decode_str(name).decode_utf8_lossy();
        let is_secret = is_secret_name(&plain) || is_authorization_code(&plain, value) || self.knows(value);
        if is_secret && !value.is_empty() {
            Cow::Owned(format!("{name}={REDACTED}"))
        } else {
            Cow::Borrowed(pair)
        }
    }

    /// Whether a text holds a known secret, as it stands or encoded as in a URL or a form.
    fn knows(&self, text: &str) -> bool {
        let holds = |text: &str| self.secrets.iter().any(|secret| text.contains(secret));
        if self.secrets.is_empty() {
            return false;
        }
        if holds(text) {
            return true;
        }
        let is_encoded = text.contains(['%', '+']);
        is_encoded
            && (holds(&percent_decode_str(text).decode_utf8_lossy())
                || holds(&percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy()))
    }

    fn walk(&self, value: &Value, depth: usize) -> Value {
        if depth >= REDACTION_DEPTH {
            return Value::String("[deeper levels omitted]".to_owned());
        }
        match value {
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, inner)| {
                        let code = inner.as_str().is_some_and(|text| is_authorization_code(key, text));
                        let kept = if !inner.is_null() && (is_secret_name(key) || code) {
                            Value::String(REDACTED.to_owned())
                        } else {
                            self.walk(inner, depth + 1)
                        };
                        let key = if self.knows(key) { REDACTED } else { key };
                        (key.to_owned(), kept)
                    })
                    .collect::<Map<_, _>>(),
            ),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.walk(item, depth + 1)).collect())
            }
            Value::String(text) => Value::String(self.text(text).into_owned()),
            Value::Number(number) if self.knows(&number.to_string()) => Value::String(REDACTED.to_owned()),
            other => other.clone(),
        }
    }
}

fn collect<'a>(value: &'a Value, secrets: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if text.len() >= SHORTEST_REDACTED => secrets.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, secrets)),
        Value::Object(map) => map.values().for_each(|item| collect(item, secrets)),
        _ => {}
    }
}

/// An OAuth authorization code, as opposed to the word (`invalid_body`) or number of an error.
fn is_authorization_code(name: &str, value: &str) -> bool {
    let is_word = value.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let is_number = value.chars().all(|c| c.is_ascii_digit());
    name.eq_ignore_ascii_case("code") && !is_word && !is_number
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_under_secret_names_go_at_any_depth() {
        let clean = Redaction::by_name().document(
            &json!({"a": [{"Refresh-Token": "rt", "plain": "kept"}], "apiKey": {"nested": 1}, "X-Api-Key": "k"}),
        );
        assert_eq!(
            clean,
            json!({"a": [{"Refresh-Token": REDACTED, "plain": "kept"}], "apiKey": REDACTED, "X-Api-Key": REDACTED})
        );
    }

    #[test]
    fn ordinary_names_that_contain_short_words_are_kept() {
        let value =
            json!({"provider_config_key": "coda", "status_code": 401, "keyboard": "qwerty", "passes": 3});
        assert_eq!(Redaction::by_name().document(&value), value);
    }

    #[test]
    fn an_authorization_code_goes_and_an_error_code_stays() {
        let codes = json!([{"code": "4/0AX4XfWh"}, {"code": "invalid_body"}, {"code": 401}, {"code": "401"}]);
        let mut clean = codes.clone();
        clean[0]["code"] = json!(REDACTED);
        assert_eq!(Redaction::by_name().document(&codes), clean);
    }

    #[test]
    fn documents_and_urls_within_texts_are_followed() {
        let value = json!({"body": "{\"token\":\"t\",\"n\":1}", "url": "https://x.test/a?api_key=1&n=2"});
        assert_eq!(
            Redaction::by_name().document(&value),
            json!({"body": "{\"token\":\"REDACTED\",\"n\":1}", "url": "https://x.test/a?api_key=REDACTED&n=2"})
        );
        assert_eq!(
            Redaction::by_name().sentence("GET https://u:p@x.test/?token=1 answered 200"),
            "GET https://REDACTED@x.test/?token=REDACTED answered 200"
        );
    }

    #[test]
    fn a_known_secret_goes_with_its_part_of_the_url() {
        let known = json!({"a": "p@ss word/1", "b": ["someone"], "c": "short"});
        let redaction = Redaction::knowing([&known]);
        for (url, clean) in [
            (
                "https://x.test/bot?a=p%40ss%20word%2F1&n=5&b=p%40ss+word%2F1",
                "https://x.test/bot?a=REDACTED&n=5&b=REDACTED",
            ),
            (
                "https://someone.x.test/p%40ss%20word%2F1/a%2Fb?short=short",
                "https://redacted.x.test/REDACTED/a%2Fb?short=short",
            ),
            ("https://x.test/p@ss%20word/1/z", "https://x.test/REDACTED"),
            ("https://x.test/a%2Fb?q=%20+&e=&f&c[]=1", "https://x.test/a%2Fb?q=%20+&e=&f&c[]=1"),
        ] {
            assert_eq!(redaction.url(url), clean);
        }
        assert_eq!(redaction.field("x-user", "id someone"), REDACTED);
        assert_eq!(redaction.field("accept", "*/*"), "*/*");
        assert_eq!(redaction.pairs("a=1&client_secret=x&u=someone"), "a=1&client_secret=REDACTED&u=REDACTED");
    }

    proptest! {
        #[test]
        fn no_known_secret_survives_in_any_place(
            front in "[a-z ]{0,8}", secret in "[A-Z0-9 /+&=%?#é.-]{6,20}", behind in "[a-z ]{0,8}",
        ) {
            let known = json!([secret]);
            let redaction = Redaction::knowing([&known]);
            let text = format!("{front}{secret}{behind}");
            let document = json!({"note": text, "list": [text, {"deep": text}], text.clone(): 1});
            let clean = redaction.document(&document).to_string();
            prop_assert!(!clean.contains(serde_json::to_string(&secret).unwrap().trim_matches('"')), "{}", clean);
            let encoded = utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string();
            let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for url in [
                format!("https://x.test/{encoded}/b?a=1"),
                format!("https://x.test/b?{encoded}=1&a={encoded}"),
                format!("https://x.test/b?a={form}x&b=2"),
            ] {
                let clean = redaction.url(&url);
                prop_assert!(!clean.contains(&encoded) && !clean.contains(&form), "{}", clean);
            }
        }

        #[test]
        fn what_holds_no_secret_stays_to_the_byte(path in "[a-z0-9/%.-]{0,20}", query in "[a-z0-9%+;,.~]{0,20}") {
            if let Ok(url) = Url::parse(&format!("https://x.test/{path}?q{query}")) {
                let known = json!(["SECRET-THAT-IS-NOT-THERE"]);
                prop_assert_eq!(Redaction::knowing([&known]).url(url.as_str()), url.as_str());
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let known = json!(["secret"]);
            let redaction = Redaction::knowing([&known]);
            redaction.text(&text);
            redaction.sentence(&text);
            redaction.pairs(&text);
            let url = format!("https://{text}");
            redaction.url(&url);
        }
    }
}
