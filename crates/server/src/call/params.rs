//! Path parameters, read from the path as it was written.

use axum::extract::MatchedPath;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::middleware::WrittenPath;

/// The parameters of the matched route as an object of texts.
pub(super) fn read(parts: &Parts) -> Value {
    let Some(template) = parts.extensions.get::<MatchedPath>() else { return Value::Object(Map::new()) };
    let written = parts.extensions.get::<WrittenPath>();
    let path = written.map_or(parts.uri.path(), |written| &*written.0);
    Value::Object(align(template.as_str(), path))
}

/// Aligns a template such as `/connections/{connectionId}` with a path.
fn align(template: &str, path: &str) -> Map<String, Value> {
    let mut params = Map::new();
    let mut rest = path;
    for part in template.split('/').skip(1) {
        rest = rest.strip_prefix('/').unwrap_or(rest);
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        if let Some(name) = name.and_then(|name| name.strip_prefix('*')) {
            params.insert(name.to_owned(), Value::from(rest));
            break;
        }
        let (segment, after) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if let Some(name) = name {
            let value = percent_decode_str(segment).decode_utf8().unwrap_or(segment.into());
            params.insert(name.to_owned(), Value::from(&*value));
        }
        rest = after;
    }
    params
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_decoded_once_and_keep_their_case() {
        let params = align("/connections/{connectionId}", "/Connections/Pia%2FX%2520");
        assert_eq!(Value::Object(params), json!({"connectionId": "Pia/X%20"}));
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_written() {
        assert_eq!(Value::Object(align("/a/{b}", "/a/%ff")), json!({"b": "%ff"}));
    }

    #[test]
    fn the_rest_of_a_path_is_not_decoded() {
        assert_eq!(Value::Object(align("/proxy/{*path}", "/proxy/a%2Fb//C/")), json!({"path": "a%2Fb//C/"}));
    }
}
