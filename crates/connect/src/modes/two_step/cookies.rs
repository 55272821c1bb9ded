//! Response headers that are part of the credentials: session cookies above all.

use http::HeaderMap;
use http::header::SET_COOKIE;
use serde_json::{Map, Value};

use super::RESERVED;

/// All cookies as a request sends them: `a=b; c=d`.
const ALL: &str = "_cookies";

/// Adds the named headers of an answer to `kept`; cookies of several answers accumulate.
pub(super) fn keep(names: &[String], headers: &HeaderMap, kept: &mut Map<String, Value>) {
    for name in names {
        if name.eq_ignore_ascii_case(SET_COOKIE.as_str()) {
            cookies(headers, kept);
        } else if let Some(value) = headers.get(name.as_str()).and_then(|value| value.to_str().ok())
            && !RESERVED.contains(&name.as_str())
        {
            kept.insert(name.clone(), Value::from(value));
        }
    }
}

fn cookies(headers: &HeaderMap, kept: &mut Map<String, Value>) {
    let mut all: Vec<(String, String)> = match kept.get(ALL).and_then(Value::as_str) {
        Some(known) => known.split("; ").filter_map(pair).collect(),
        None => Vec::new(),
    };
    for header in headers.get_all(SET_COOKIE) {
        let Some((name, value)) = header.to_str().ok().and_then(|text| pair(text.split(';').next()?)) else {
            continue;
        };
        if !RESERVED.contains(&name.as_str()) {
            kept.insert(name.clone(), Value::from(value.as_str()));
        }
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => all.push((name, value)),
        }
    }
    if !all.is_empty() {
        let joined: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        kept.insert(ALL.to_owned(), Value::from(joined.join("; ")));
    }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn cookies_become_fields_and_one_header_value() {
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_static("B1SESSION=abc; Path=/; HttpOnly"));
        headers.append(SET_COOKIE, HeaderValue::from_static("ROUTEID=.n1; Secure"));
        let mut kept = Map::new();
        keep(&["Set-Cookie".to_owned()], &headers, &mut kept);
        assert_eq!(
            Value::Object(kept.clone()),
            json!({"B1SESSION": "abc", "ROUTEID": ".n1", "_cookies": "B1SESSION=abc; ROUTEID=.n1"})
        );
        let mut second = HeaderMap::new();
        second.append(SET_COOKIE, HeaderValue::from_static("B1SESSION=xyz"));
        second.append(SET_COOKIE, HeaderValue::from_static("type=evil"));
        keep(&["set-cookie".to_owned()], &second, &mut kept);
        assert_eq!(kept["_cookies"], "B1SESSION=xyz; ROUTEID=.n1; type=evil");
        assert!(!kept.contains_key("type"));
    }

    #[test]
    fn a_header_that_is_not_there_adds_nothing() {
        let mut kept = Map::new();
        keep(&["x-session".to_owned(), "set-cookie".to_owned()], &HeaderMap::new(), &mut kept);
        assert!(kept.is_empty());
    }
}
