//! Values taken from responses and callbacks into the connection config (providers.md section 8).

use serde_json::{Map, Value};

/// From a token or webhook response: texts and booleans under the names; dotted names are paths, and are stored flat
/// under the dotted name.
pub fn capture_response(names: &[String], response: &Value) -> Map<String, Value> {
    let mut captured = Map::new();
    for name in names {
        let found =
            response.get(name).or_else(|| name.split('.').try_fold(response, |value, key| value.get(key)));
        if let Some(value @ (Value::String(_) | Value::Bool(_))) = found {
            captured.insert(name.clone(), value.clone());
        }
    }
    captured
}

/// From the query of a callback: texts under exactly these names.
pub fn capture_callback<'a>(
    names: &[String],
    query: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Map<String, Value> {
    let pairs: Vec<_> = query.into_iter().collect();
    names
        .iter()
        .filter_map(|name| {
            let (_, value) = pairs.iter().rev().find(|(key, _)| key == name)?;
            Some((name.clone(), Value::from(*value)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(list: &str) -> Vec<String> {
        list.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn texts_and_booleans_are_kept_and_paths_stored_flat() {
        let response = json!({"a":"1","b":2,"c":true,"d":{"e":"x","f":{"g":"y"}}});
        let captured = capture_response(&names("a b c d.e d.f.g d zz"), &response);
        assert_eq!(Value::Object(captured), json!({"a":"1","c":true,"d.e":"x","d.f.g":"y"}));
    }

    #[test]
    fn callback_names_are_exact() {
        let query = [("realmId", "9"), ("Other", "x")];
        assert_eq!(Value::Object(capture_callback(&names("realmId other"), query)), json!({"realmId":"9"}));
    }
}
