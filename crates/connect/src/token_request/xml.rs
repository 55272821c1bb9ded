//! XML as objects: a member is an element, `$` holds attributes when written, `@_name` is one when read.

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// Depth of elements that is read; answers of login calls are shallow.
const DEPTH: usize = 32;

/// A document with one element a member.
pub(super) fn document(members: &Map<String, Value>) -> String {
    let mut text = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    write_members(&mut text, members);
    text
}

fn write_members(text: &mut String, members: &Map<String, Value>) {
    for (name, value) in members {
        match value {
            Value::Array(items) => items.iter().for_each(|item| write_element(text, name, item)),
            other => write_element(text, name, other),
        }
    }
}

fn write_element(text: &mut String, name: &str, value: &Value) {
    let members = value.as_object();
    text.push('<');
    text.push_str(name);
    let attributes = members.and_then(|members| members.get("$")).and_then(Value::as_object);
    for (attribute, value) in attributes.into_iter().flatten() {
        text.push_str(&format!(" {attribute}=\"{}\"", escape(scalar(value))));
    }
    text.push('>');
    match members {
        Some(members) => {
            for (inner, value) in members.iter().filter(|(inner, _)| *inner != "$") {
                match value {
                    Value::Array(items) => items.iter().for_each(|item| write_element(text, inner, item)),
                    other => write_element(text, inner, other),
                }
            }
        }
        None => text.push_str(&escape(scalar(value))),
    }
    text.push_str(&format!("</{name}>"));
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An element that is being read.
#[derive(Default)]
struct Element {
    name: String,
    members: Map<String, Value>,
    text: String,
}

impl Element {
    fn value(self) -> Value {
        let text = self.text.trim();
        if self.members.is_empty() {
            return Value::from(text);
        }
        let mut members = self.members;
        if !text.is_empty() {
            members.insert("#text".to_owned(), Value::from(text));
        }
        Value::Object(members)
    }

    fn add(&mut self, name: String, value: Value) {
        match self.members.get_mut(&name) {
            None => {
                self.members.insert(name, value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
}

/// The document as an object, or `None` when it is no XML. Entities of a document type are not read.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if open.len() < DEPTH => open.push(element(&start)?),
            Event::Start(_) => return None,
            Event::Empty(start) => {
                let element = element(&start)?;
                let name = element.name.clone();
                open.last_mut()?.add(name, element.value());
            }
            Event::End(_) => {
                let closed = open.pop()?;
                let name = closed.name.clone();
                open.last_mut()?.add(name, closed.value());
            }
            Event::Text(piece) => open.last_mut()?.text.push_str(&piece),
            Event::CData(piece) => open.last_mut()?.text.push_str(&piece),
            Event::GeneralRef(reference) => {
                let entity = format!("&{};", &*reference);
                open.last_mut()?.text.push_str(&unescape(&entity).ok()?);
            }
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty())?;
    (!root.members.is_empty()).then(|| Value::Object(root.members))
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let name = start.local_name().as_ref().to_owned();
    let mut element = Element { name, ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let value = unescape(&attribute.value).ok()?.into_owned();
        element.members.insert(format!("@_{}", attribute.key.local_name().as_ref()), Value::from(value));
    }
    Some(element)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let params =
            json!({"request": {"$": {"v": "3"}, "control": {"id": "a & <b>", "n": 2}, "f": ["x", "y"]}});
        let text = document(params.as_object().unwrap());
        assert!(text.ends_with(
            r#"<request v="3"><control><id>a &amp; &lt;b&gt;</id><n>2</n></control><f>x</f><f>y</f></request>"#
        ));
        let read = json!({"request": {"@_v": "3", "control": {"id": "a & <b>", "n": "2"}, "f": ["x", "y"]}});
        assert_eq!(parse(&text), Some(read));
    }

    #[test]
    fn a_document_type_names_no_files() {
        let text = r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"#;
        assert_eq!(parse(text), None);
        assert_eq!(parse("plain"), None);
        assert_eq!(parse("<a><b></a>"), None);
    }
}
