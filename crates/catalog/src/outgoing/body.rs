//! Body entries that a definition adds (5.4).

use std::{borrow::Cow, fmt};

use serde_json::{Map, Value, value::RawValue};

use super::{
    endpoint::{connection_config, with_credentials},
    facts::Call,
};
use crate::{
    ordered_map::OrderedMap,
    template::{Context, Leaf, Mode, Tree, encode_rfc3986},
};

/// The caller's body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CallBody<'a> {
    /// None.
    Absent,
    /// All of it.
    Bytes(&'a [u8]),
    /// It passes through unread: nothing is added, and signatures do not cover it.
    Stream,
}

impl fmt::Debug for CallBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Stream => f.write_str("Stream"),
        }
    }
}

/// The body to send.
#[derive(Clone, PartialEq, Eq)]
pub struct FinalBody<'a> {
    /// Its bytes; `None` when there is none, or when it streams.
    pub bytes: Option<Cow<'a, [u8]>>,
    /// `content-type` to send when the caller named none.
    pub content_type: Option<&'static str>,
}

impl fmt::Debug for FinalBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinalBody")
            .field("bytes", &self.bytes.as_ref().map(|bytes| bytes.len()))
            .field("content_type", &self.content_type)
            .finish()
    }
}

const JSON: &str = "application/json";

/// The body with `proxy.body` merged in: JSON objects shallowly (injected entries win), forms appended as
/// `a[b]=v`; no body becomes a JSON body. Other types pass untouched.
pub fn body<'a>(call: &Call<'a>) -> FinalBody<'a> {
    let untouched = FinalBody {
        bytes: match call.body {
            CallBody::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            CallBody::Absent | CallBody::Stream => None,
        },
        content_type: None,
    };
    let Some(injected) = injected(call) else { return untouched };
    let media = media_type(call);
    match call.body {
        CallBody::Absent | CallBody::Bytes([]) => json(&Value::Object(injected)),
        CallBody::Bytes(bytes) if media == "application/x-www-form-urlencoded" => form(bytes, &injected),
        CallBody::Bytes(bytes) if media.starts_with("multipart/form-data") => {
            multipart(bytes, &media, &injected).unwrap_or(untouched)
        }
        CallBody::Bytes(bytes) if media.is_empty() || media == JSON || media.ends_with("+json") => {
            merge(bytes, &injected).unwrap_or(untouched)
        }
        CallBody::Bytes(_) | CallBody::Stream => untouched,
    }
}

/// The definition's entries with values, or `None` when there are none for this call.
fn injected(call: &Call<'_>) -> Option<Map<String, Value>> {
    if !matches!(call.method, "POST" | "PUT" | "PATCH" | "DELETE") {
        return None;
    }
    let tree = call.provider?.proxy.body.as_ref()?;
    let config = connection_config(call.connection.connection_config);
    let context =
        with_credentials(Context::new(call.moment).connection_config(&config), call.connection.credentials);
    let rendered =
        tree.render_with(&mut |template| match template.render(Mode::Proxy, &context).complete() {
            Some(text) => Leaf::Put(Value::String(text)),
            None => Leaf::Drop,
        });
    match rendered.and_then(without_empty) {
        Some(Value::Object(map)) => Some(map),
        _ => None,
    }
}

/// Maps that are left empty are dropped, and leaves that are no text are ignored.
fn without_empty(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) => {
            let kept: Map<_, _> =
                map.into_iter().filter_map(|(key, value)| Some((key, without_empty(value)?))).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::String(_) => Some(value),
        _ => None,
    }
}

/// Lower-case media type of the caller's body; the boundary of a multipart one keeps its case.
fn media_type(call: &Call<'_>) -> String {
    let value =
        call.headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, value)| value.trim());
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "multipart/form-data" { format!("{kind}{}", &value[kind.len()..]) } else { kind }
}

fn json(value: &Value) -> FinalBody<'static> {
    FinalBody { bytes: Some(Cow::Owned(value.to_string().into_bytes())), content_type: Some(JSON) }
}

/// Entries that stay keep their bytes: numbers lose no digit.
fn merge(bytes: &[u8], injected: &Map<String, Value>) -> Option<FinalBody<'static>> {
    let mut entries: OrderedMap<Box<RawValue>> = serde_json::from_slice(bytes).ok()?;
    for (name, value) in injected {
        entries.set(name.clone(), RawValue::from_string(value.to_string()).ok()?);
    }
    let pairs: Vec<_> =
        entries.iter().map(|(name, raw)| format!("{}:{}", Value::from(name), raw.get())).collect();
    Some(FinalBody {
        bytes: Some(Cow::Owned(format!("{{{}}}", pairs.join(",")).into_bytes())),
        content_type: Some(JSON),
    })
}

fn form(bytes: &[u8], injected: &Map<String, Value>) -> FinalBody<'static> {
    let mut out = bytes.to_vec();
    for (name, value) in bracketed(injected) {
        if !out.is_empty() {
            out.push(b'&');
        }
        out.extend(format!("{}={}", encode_rfc3986(&name), encode_rfc3986(&value)).into_bytes());
    }
    FinalBody { bytes: Some(Cow::Owned(out)), content_type: None }
}

/// Puts parts before the closing delimiter (RFC 7578). `None` when the body has none.
fn multipart(bytes: &[u8], media: &str, injected: &Map<String, Value>) -> Option<FinalBody<'static>> {
    let boundary = media.split(';').find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"'))
    })?;
    // RFC 2046 section 5.1.1: a boundary has 1 to 70 characters, and a delimiter is a line of its own.
    if !(1..=70).contains(&boundary.len()) {
        return None;
    }
    let closing = format!("--{boundary}--");
    let ends_parts = |at: &usize| {
        let begins_line = *at == 0 || bytes[..*at].ends_with(b"\r\n");
        let behind = bytes[*at..].strip_prefix(closing.as_bytes());
        begins_line && behind.is_some_and(|behind| behind.first().is_none_or(u8::is_ascii_whitespace))
    };
    let at = (0..bytes.len()).find(ends_parts)?;
    let mut out = bytes[..at].to_vec();
    for (name, value) in bracketed(injected) {
        let name = name.replace('"', "%22").replace(['\r', '\n'], " ");
        out.extend(
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .into_bytes(),
        );
    }
    out.extend_from_slice(&bytes[at..]);
    Some(FinalBody { bytes: Some(Cow::Owned(out)), content_type: None })
}

fn bracketed(map: &Map<String, Value>) -> Vec<(String, String)> {
    fn walk(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    walk(format!("{name}[{key}]"), value, pairs);
                }
            }
            Value::String(text) => pairs.push((name, text.clone())),
            other => pairs.push((name, other.to_string())),
        }
    }
    let mut pairs = Vec::new();
    for (key, value) in map {
        walk(key.clone(), value, &mut pairs);
    }
    pairs
}

/// Whether the definition adds to bodies at all.
pub(super) fn is_injected(tree: Option<&Tree>) -> bool {
    matches!(tree, Some(Tree::Map(entries)) if !entries.is_empty())
}
