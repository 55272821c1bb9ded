//! The texts that must not appear in a log or an answer about these credentials.

use dovetail_catalog::Provider;
use dovetail_catalog::outgoing::Request;
use dovetail_model::Credentials;
use serde_json::{Map, Value};

/// Every secret text of `credentials` that could turn up in a URL, header or body.
pub fn secret_texts(credentials: &Credentials) -> Vec<String> {
    let mut found = Vec::new();
    collect(&credentials.to_stored(), "", &mut found);
    found
}

/// Values of fields that the definition calls secret: an API key may be sent as a user name, or be part of the
/// configuration.
pub(crate) fn declared_texts(
    provider: &Provider,
    credentials: &Credentials,
    connection_config: &Map<String, Value>,
) -> Vec<String> {
    let stored = credentials.to_stored();
    let of_credentials =
        stored.as_object().into_iter().flatten().map(|(key, value)| (&provider.credentials, key, value));
    let of_config = connection_config.iter().map(|(key, value)| (&provider.connection_config, key, value));
    of_credentials
        .chain(of_config)
        .filter(|(fields, key, _)| fields.get(key).is_some_and(|field| field.secret))
        .filter_map(|(_, _, value)| value.as_str().map(str::to_owned))
        .collect()
}

/// Words by which headers and query parameters that carry credentials are known.
const TELLING: [&str; 5] = ["auth", "key", "secret", "session", "token"];

/// What a request carries of the credentials in another spelling: `Basic` is base64, signatures are computed. The
/// scheme before it is no secret.
pub(crate) fn sent_texts(request: &Request) -> Vec<String> {
    let telling = |name: &str| TELLING.iter().any(|word| name.to_ascii_lowercase().contains(word));
    let headers = request.headers.iter().filter(|(name, _)| telling(name));
    let query = request.url.query_pairs().filter(|(name, _)| telling(name));
    headers
        .filter_map(|(_, value)| value.rsplit(' ').next().map(str::to_owned))
        .chain(query.map(|(_, value)| value.into_owned()))
        .collect()
}

/// Members of stored credentials that are no secrets and are worth reading in a log.
const PLAIN: &[&str] =
    &["type", "username", "client_id", "expires_at", "region", "service", "role_arn", "organization_id"];

fn collect(value: &Value, key: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !PLAIN.contains(&key) && !text.is_empty() => found.push(text.clone()),
        Value::Object(members) => members.iter().for_each(|(key, inner)| collect(inner, key, found)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_carries_is_secret_and_its_scheme_is_not() {
        let request = Request {
            method: "GET".to_owned(),
            url: "https://api.test/me?api_key=k%2F1&page=2".parse().unwrap(),
            headers: vec![
                ("authorization".to_owned(), "Basic cGlhOmh1c2g=".to_owned()),
                ("accept".to_owned(), "application/json".to_owned()),
            ],
            body: None,
        };
        assert_eq!(sent_texts(&request), ["cGlhOmh1c2g=", "k/1"]);
    }

    #[test]
    fn the_password_is_secret_and_the_name_is_not() {
        assert_eq!(secret_texts(&Credentials::basic("pia", "hush")), ["hush"]);
        assert_eq!(secret_texts(&Credentials::api_key("k_live_1")), ["k_live_1"]);
        assert!(secret_texts(&Credentials::None).is_empty());
    }
}
