//! Which bytes and which `Content-Type` go out (proxy.md section 4): the caller's own, to the
//! byte, unless the caller names another type for them.

use http::HeaderValue;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::error::ProxyError;

/// How the caller's body is described to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BodyShape {
    /// `Content-Type` to send.
    pub(crate) content_type: Option<HeaderValue>,
    /// The bytes are JSON and must become a form.
    pub(crate) to_form: bool,
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

impl BodyShape {
    /// From the caller's own `Content-Type` and the one it wants forwarded.
    pub(crate) fn of(own: Option<&HeaderValue>, wanted: Option<&HeaderValue>) -> Self {
        let keep =
            |content_type: Option<&HeaderValue>| Self { content_type: content_type.cloned(), to_form: false };
        let (Some(own), Some(wanted)) = (own, wanted) else { return keep(wanted.or(own)) };
        match (essence(own).as_str(), essence(wanted).as_str()) {
            // The boundary stands in the caller's own field: the bytes are written with it.
            (own_type, wanted_type) if own_type == wanted_type && own_type.starts_with("multipart/") => {
                keep(Some(own))
            }
            (JSON, FORM) => Self { content_type: Some(wanted.clone()), to_form: true },
            _ => keep(Some(wanted)),
        }
    }
}

fn essence(value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A JSON object as a form: `{"a":1,"b":{"c":2},"d":[1,2]}` is `a=1&b[c]=2&d[]=1&d[]=2`, encoded.
pub(crate) fn form_of(json: &[u8]) -> Result<String, ProxyError> {
    if json.is_empty() {
        return Ok(String::new());
    }
    let value: Value = serde_json::from_slice(json).map_err(|_| ProxyError::InvalidJson)?;
    let mut form = Serializer::new(String::new());
    match &value {
        Value::Object(map) => map.iter().for_each(|(key, value)| append(&mut form, key.clone(), value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| append(&mut form, index.to_string(), item));
        }
        _ => return Err(ProxyError::InvalidJson),
    }
    Ok(form.finish())
}

fn append(form: &mut Serializer<'_, String>, name: String, value: &Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                append(form, format!("{name}[{key}]"), value);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| append(form, format!("{name}[]"), item)),
        Value::String(text) => {
            form.append_pair(&name, text);
        }
        Value::Null => {
            form.append_pair(&name, "");
        }
        Value::Bool(_) | Value::Number(_) => {
            form.append_pair(&name, &value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(own: Option<&'static str>, wanted: Option<&'static str>) -> (Option<String>, bool) {
        let value = |text: Option<&'static str>| text.map(HeaderValue::from_static);
        let shape = BodyShape::of(value(own).as_ref(), value(wanted).as_ref());
        (shape.content_type.map(|value| value.to_str().unwrap().to_owned()), shape.to_form)
    }

    #[test]
    fn the_callers_own_type_describes_its_own_bytes() {
        assert_eq!(shape(Some("text/csv"), None), (Some("text/csv".to_owned()), false));
        assert_eq!(shape(None, Some("text/csv")), (Some("text/csv".to_owned()), false));
        assert_eq!(shape(None, None), (None, false));
    }

    #[test]
    fn a_multipart_body_keeps_its_boundary() {
        let own = "multipart/form-data; boundary=x1";
        assert_eq!(shape(Some(own), Some("multipart/form-data")), (Some(own.to_owned()), false));
    }

    #[test]
    fn json_becomes_a_form_only_if_a_form_is_wanted() {
        assert!(shape(Some("application/json; charset=utf-8"), Some(FORM)).1);
        let vendor = "application/vnd.api+json";
        assert_eq!(shape(Some(JSON), Some(vendor)), (Some(vendor.to_owned()), false));
    }

    #[test]
    fn nested_values_are_written_with_brackets() {
        assert_eq!(
            form_of(br#"{"a":1,"b":{"c":2},"d":[1,2],"e":null,"f":"x y&z"}"#).unwrap(),
            "a=1&b%5Bc%5D=2&d%5B%5D=1&d%5B%5D=2&e=&f=x+y%26z"
        );
        assert!(matches!(form_of(b"{"), Err(ProxyError::InvalidJson)));
        assert!(matches!(form_of(b"7"), Err(ProxyError::InvalidJson)));
    }
}
