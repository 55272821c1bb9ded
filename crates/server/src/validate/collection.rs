//! Arrays and records.

use serde_json::{Map, Value};

use super::issue::Cx;
use super::schema::Schema;

/// A list; see [`array`].
#[derive(Clone, Debug)]
pub struct Array<S> {
    item: S,
    most: Option<usize>,
}

/// A list of `item`s.
pub fn array<S: Schema>(item: S) -> Array<S> {
    Array { item, most: None }
}

impl<S> Array<S> {
    /// At most `most` items.
    pub fn max(mut self, most: usize) -> Self {
        self.most = Some(most);
        self
    }
}

impl<S: Schema> Schema for Array<S> {
    type Out = Vec<S::Out>;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        let Some(Value::Array(items)) = value else {
            cx.wrong_type("array", value);
            return None;
        };
        // Items beyond the limit are not looked at: a hostile list cannot make us write a hostile answer.
        let looked_at = self.most.unwrap_or(items.len());
        let mut out = Some(Vec::with_capacity(items.len().min(looked_at)));
        for (index, item) in items.iter().take(looked_at).enumerate() {
            let read = cx.at(&index.to_string(), |cx| self.item.read(Some(item), cx));
            match (&mut out, read) {
                (Some(list), Some(item)) => list.push(item),
                _ => out = None,
            }
        }
        if items.len() > looked_at {
            cx.issue("too_big", format!("Too big: expected array to have <={looked_at} items"));
        }
        out
    }
}

/// Any object, as it came; see [`members`].
#[derive(Clone, Copy, Debug)]
pub struct Members;

/// Any object, as it came: its members are checked by somebody who knows more.
pub fn members() -> Members {
    Members
}

impl Schema for Members {
    type Out = Map<String, Value>;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        let Some(Value::Object(members)) = value else {
            cx.wrong_type("object", value);
            return None;
        };
        Some(members.clone())
    }
}

/// An object with free keys; see [`record`].
#[derive(Clone, Debug)]
pub struct Record<K, V> {
    key: K,
    value: V,
}

/// An object whose keys satisfy `key` and whose values satisfy `value`, in the order they were sent.
pub fn record<K: Schema<Out = String>, V: Schema>(key: K, value: V) -> Record<K, V> {
    Record { key, value }
}

impl<K: Schema<Out = String>, V: Schema> Schema for Record<K, V> {
    type Out = Vec<(String, V::Out)>;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        let Some(Value::Object(members)) = value else {
            cx.wrong_type("record", value);
            return None;
        };
        let mut out = Some(Vec::with_capacity(members.len()));
        for (name, member) in members {
            let Ok(key) = self.key.check(Some(&Value::String(name.clone()))) else {
                cx.fatal_at(&[name], "invalid_key", "Invalid key in record");
                out = None;
                continue;
            };
            let read = cx.at(name, |cx| self.value.read(Some(member), cx));
            match (&mut out, read) {
                (Some(list), Some(member)) => list.push((key, member)),
                _ => out = None,
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::validate::string;

    #[test]
    fn a_bad_key_is_reported_at_its_place() {
        let issues = record(string().max(2), string()).check(Some(&json!({"abc": 1, "a": "x"}))).unwrap_err();
        assert_eq!(
            json!(issues),
            json!([{"code": "invalid_key", "message": "Invalid key in record", "path": ["abc"]}])
        );
    }

    #[test]
    fn indexes_are_strings() {
        let issues = array(string()).check(Some(&json!(["a", 1]))).unwrap_err();
        assert_eq!(issues[0].path, ["1"]);
    }

    #[test]
    fn a_list_beyond_its_limit_is_one_issue() {
        let issues = array(string()).max(1).check(Some(&json!(["a", 1, 2, 3]))).unwrap_err();
        assert_eq!(issues.len(), 1);
        assert_eq!(issues[0].message, "Too big: expected array to have <=1 items");
    }
}
