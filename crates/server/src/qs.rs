//! The query string syntax of the clients: nested keys (`tags[a]=1`), repeated keys and indexed lists.
//!
//! Written here because no crate reads it the way the clients' own library does: dots are literal, repeated keys
//! become lists, lists have an index limit, deep keys fold, nothing is ever an error. Bounds: [`crate::limits`].
//! Spec: http-api.md 1.3.

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use crate::limits::{MAX_QUERY_DEPTH, MAX_QUERY_INDEX, MAX_QUERY_PARAMETERS};

/// Reads a query string or a form body. Every leaf is a string; the result is an object.
pub fn parse(query: &str) -> Value {
    let mut root = Node::Branch(Vec::new());
    for part in query.split('&').filter(|part| !part.is_empty()).take(MAX_QUERY_PARAMETERS) {
        let (key, value) = split(part);
        let key = decode(key);
        if let Some(steps) = steps(&key) {
            root.insert(&steps, decode(value));
        }
    }
    root.into_object()
}

/// Splits a parameter at its `=`; one inside brackets belongs to the key.
fn split(part: &str) -> (&str, &str) {
    let closing = ["]=", "%5D=", "%5d="].iter().filter_map(|end| Some(part.find(end)? + end.len() - 1)).min();
    match closing.or_else(|| part.find('=')) {
        Some(at) => (&part[..at], &part[at + 1..]),
        None => (part, ""),
    }
}

/// Percent-decodes and turns `+` into a space. Bytes that are not UTF-8 stay as they were written.
fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    match percent_decode(spaced.as_bytes()).decode_utf8() {
        Ok(decoded) => decoded.into_owned(),
        Err(_) => spaced,
    }
}

/// One step of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `[name]`, or the part before the first bracket.
    Name(String),
    /// `[]`
    Push,
}

/// The steps of a key; `None` for a key without a name. Brackets beyond the depth limit stay one step.
fn steps(key: &str) -> Option<Vec<Step>> {
    if key.is_empty() {
        return None;
    }
    let open = key.find('[').filter(|open| key[*open..].contains(']'));
    let Some(open) = open else { return Some(vec![Step::Name(key.to_owned())]) };
    let mut steps = Vec::new();
    if open > 0 {
        steps.push(Step::Name(key[..open].to_owned()));
    }
    let mut rest = &key[open..];
    for _ in 0..MAX_QUERY_DEPTH {
        let Some(inner) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) else { break };
        let (name, after) = inner;
        steps.push(if name.is_empty() { Step::Push } else { Step::Name(name.to_owned()) });
        rest = after;
    }
    if rest.starts_with('[') {
        // Too deep: the remainder is a name, brackets and all.
        steps.push(Step::Name(rest.to_owned()));
    }
    Some(steps)
}

/// A value under construction. A branch keeps the order in which its names came.
#[derive(Debug)]
enum Node {
    Leaf(String),
    List(Vec<Node>),
    Branch(Vec<(String, Node)>),
}

impl Node {
    /// The node that `steps` lead to from nothing.
    fn grow(steps: &[Step], value: String) -> Self {
        match steps.split_first() {
            None => Self::Leaf(value),
            Some((Step::Push, rest)) => Self::List(vec![Self::grow(rest, value)]),
            Some((Step::Name(name), rest)) => Self::Branch(vec![(name.clone(), Self::grow(rest, value))]),
        }
    }

    fn insert(&mut self, steps: &[Step], value: String) {
        match (&mut *self, steps.split_first()) {
            (Self::Branch(members), Some((Step::Name(name), rest))) => {
                match members.iter_mut().find(|(known, _)| known == name) {
                    Some((_, node)) => node.insert(rest, value),
                    None => members.push((name.clone(), Self::grow(rest, value))),
                }
            }
            (Self::Branch(members), Some((Step::Push, rest))) => {
                let index = members.len().to_string();
                members.push((index, Self::grow(rest, value)));
            }
            // A plain value beside named ones becomes a name that is set.
            (Self::Branch(members), None) => {
                if !members.iter().any(|(known, _)| *known == value) {
                    members.push((value, Self::Leaf("true".to_owned())));
                }
            }
            (Self::List(items), Some((Step::Push, rest))) => items.push(Self::grow(rest, value)),
            (Self::List(items), _) => items.push(Self::grow(steps, value)),
            (Self::Leaf(_), steps_left) => {
                let grown = match steps_left {
                    Some((Step::Push, rest)) => Self::grow(rest, value),
                    _ => Self::grow(steps, value),
                };
                let before = std::mem::replace(self, Self::List(Vec::new()));
                *self = Self::List(vec![before, grown]);
            }
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Leaf(text) => Value::String(text),
            Self::List(items) => Value::Array(items.into_iter().map(Self::into_value).collect()),
            Self::Branch(members) => match list_of(&members) {
                Some(mut order) => {
                    order.sort_unstable();
                    let mut values: Vec<Option<Value>> =
                        members.into_iter().map(|(_, node)| Some(node.into_value())).collect();
                    Value::Array(order.into_iter().filter_map(|(_, at)| values[at].take()).collect())
                }
                None => Self::Branch(members).into_object(),
            },
        }
    }

    /// The root: always an object, also when its keys are numbers.
    fn into_object(self) -> Value {
        match self {
            Self::Branch(members) => {
                Value::Object(members.into_iter().map(|(name, node)| (name, node.into_value())).collect())
            }
            Self::Leaf(_) | Self::List(_) => Value::Object(Map::new()),
        }
    }
}

/// For a branch whose names are all small indexes: (index, position). Gaps close up.
fn list_of(members: &[(String, Node)]) -> Option<Vec<(usize, usize)>> {
    members
        .iter()
        .enumerate()
        .map(|(at, (name, _))| {
            let index: usize = name.parse().ok()?;
            (index <= MAX_QUERY_INDEX && index.to_string() == *name).then_some((index, at))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_of_the_specification_holds() {
        assert_eq!(parse("tags[a]=1&tags[b.c]=2"), json!({"tags": {"a": "1", "b.c": "2"}}));
        assert_eq!(parse("tags%5Bdepartment%5D=a%2Cb"), json!({"tags": {"department": "a,b"}}));
        assert_eq!(parse("ids=1"), json!({"ids": "1"}));
        for list in
            ["ids=1&ids=2", "ids[]=1&ids[]=2", "ids[0]=1&ids[1]=2", "ids[1]=2&ids[0]=1", "ids=1&ids[]=2"]
        {
            assert_eq!(parse(list), json!({"ids": ["1", "2"]}), "{list}");
        }
        assert_eq!(parse("ids[0]=1"), json!({"ids": ["1"]}));
        assert_eq!(parse("x="), json!({"x": ""}));
        assert_eq!(parse("x"), json!({"x": ""}));
        assert_eq!(parse("tags[a]=1&tags[a]=2"), json!({"tags": {"a": ["1", "2"]}}));
    }

    #[test]
    fn corners() {
        assert_eq!(parse(""), json!({}));
        assert_eq!(parse("=1&&a=b=c"), json!({"a": "b=c"}));
        assert_eq!(parse("a[b=c]=1"), json!({"a": {"b=c": "1"}}));
        assert_eq!(parse("a[b=1"), json!({"a[b": "1"}));
        assert_eq!(parse("a+b=c+d%2B"), json!({"a b": "c d+"}));
        assert_eq!(parse("a=%zz&b=%ff"), json!({"a": "%zz", "b": "%ff"}));
        assert_eq!(parse("a[101]=x"), json!({"a": {"101": "x"}}));
        assert_eq!(parse("a[5]=x&a[2]=y"), json!({"a": ["y", "x"]}));
        assert_eq!(parse("a[b]=1&a=2"), json!({"a": {"b": "1", "2": "true"}}));
        assert_eq!(parse("0=a"), json!({"0": "a"}));
        assert_eq!(
            parse("a[b][c][d][e][f][g]=x"),
            json!({"a": {"b": {"c": {"d": {"e": {"f": {"[g]": "x"}}}}}}})
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_within_bounds(text in ".{0,400}") {
            let value = parse(&text);
            prop_assert!(value.is_object());
            prop_assert!(depth(&value) <= MAX_QUERY_DEPTH + 3);
        }

        #[test]
        fn brackets_in_any_order_are_read(text in r"([a-b]|\[|\]|=|&|0|%5B){0,60}") {
            prop_assert!(parse(&text).is_object());
        }

        #[test]
        fn what_clients_encode_reads_back(pairs in prop::collection::btree_map("[^\\[\\]0-9]{1,8}", ".{0,12}", 0..6)) {
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let query: Vec<String> =
                pairs.iter().map(|(key, value)| format!("tags[{}]={}", encode(key), encode(value))).collect();
            let parsed = parse(&query.join("&"));
            let expected = if pairs.is_empty() { json!({}) } else { json!({"tags": pairs}) };
            prop_assert_eq!(parsed, expected);
        }
    }

    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
}
