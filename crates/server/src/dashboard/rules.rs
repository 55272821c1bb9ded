//! Checks of form fields, each with the sentence that stands at the field.

use dovetail_model::names;
use url::Url;

use super::errors::FieldErrors;

/// Longest name, in characters (http-api 1.11).
const MAX_NAME_CHARS: usize = 255;

/// An integration's key.
pub(crate) fn integration_key(value: &str, field: &'static str, errors: &mut FieldErrors) {
    if value.is_empty() {
        errors.add(field, "The key is missing. Your code uses it to name this integration.");
    } else if !names::is_integration_key(value) {
        errors.add(field, "Use letters, digits, spaces and ~ : . @ _ - only, up to 255 of them.");
    }
}

/// A name that may be left empty.
pub(crate) fn optional_name(value: &str, field: &'static str, errors: &mut FieldErrors) {
    if value.chars().count() > MAX_NAME_CHARS {
        errors.add(field, "This name is longer than 255 characters.");
    }
}

/// A name that must be there.
pub(crate) fn name(value: &str, field: &'static str, errors: &mut FieldErrors) {
    if value.is_empty() {
        errors.add(field, "The name is missing.");
    } else {
        optional_name(value, field, errors);
    }
}

/// An e-mail address.
pub(crate) fn email(value: &str, field: &'static str, errors: &mut FieldErrors) {
    if !names::is_email(value) {
        errors.add(field, "This is not an e-mail address.");
    }
}

/// An http or https URL, or nothing.
pub(crate) fn optional_url(value: &str, field: &'static str, errors: &mut FieldErrors) {
    let fits = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if !value.is_empty() && !Url::parse(value).is_ok_and(|url| fits(&url)) {
        errors.add(field, "This is not a URL. It begins with https:// and names a host.");
    }
}

/// The typed confirmation of a dangerous act.
pub(crate) fn confirmation(typed: &str, expected: &str) -> Option<FieldErrors> {
    (typed != expected)
        .then(|| FieldErrors::one("confirm", "This is not the same text. Nothing was deleted."))
}

/// A link to somebody else's documentation and its host; `None` when it is no web address, or one of our guides.
pub(crate) fn link(address: &str) -> (Option<String>, String) {
    let host = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .and_then(|url| url.host_str().map(str::to_owned));
    match host {
        Some(host) => (Some(address.to_owned()), host),
        None => (None, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_refuses_at_its_field() {
        let mut errors = FieldErrors::default();
        integration_key("coda-prod", "k", &mut errors);
        optional_url("", "u", &mut errors);
        optional_url("https://acme.test/x", "u", &mut errors);
        email("pia@acme.test", "e", &mut errors);
        assert!(errors.is_empty());
        integration_key("a/b", "k", &mut errors);
        optional_url("javascript:alert(1)", "u", &mut errors);
        email("pia", "e", &mut errors);
        assert!(["k", "u", "e"].iter().all(|field| !errors.text(field).to_string().is_empty()));
    }

    #[test]
    fn only_web_addresses_become_links() {
        let (address, host) = link("https://coda.io/developers");
        assert_eq!((address.as_deref(), host.as_str()), (Some("https://coda.io/developers"), "coda.io"));
        for other in ["/guides/coda", "javascript:alert(1)", ""] {
            assert_eq!(link(other), (None, String::new()), "{other}");
        }
    }
}
