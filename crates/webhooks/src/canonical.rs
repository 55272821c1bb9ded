//! The JSON text that is signed and sent (webhooks.md A3): the text that JavaScript's
//! `JSON.stringify(JSON.parse(text))` gives back, because a published verifier relies on it.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

/// `value` without white space, keys sorted at every depth: integer-like ones first by their
/// number, then by UTF-16 code units. Numbers in JavaScript's notation.
pub fn canonical(value: &Value) -> String {
    let mut out = String::with_capacity(512);
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&js_number(number)),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => write_object(out, map),
    }
}

fn write_object(out: &mut String, map: &Map<String, Value>) {
    let mut entries: Vec<(&String, &Value)> = map.iter().collect();
    entries.sort_by(|(a, _), (b, _)| key_order(a, b));
    out.push('{');
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(out, key);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn key_order(a: &str, b: &str) -> Ordering {
    match (array_index(a), array_index(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.encode_utf16().cmp(b.encode_utf16()),
    }
}

/// The number of an "array index" of ECMAScript: canonical decimal below 2^32 - 1.
fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || (!key.starts_with(['0', '+']) && !key.is_empty());
    canonical.then(|| key.parse::<u32>().ok()).flatten().filter(|&index| index != u32::MAX)
}

/// `Number.prototype.toString` (ECMA-262 section 6.1.6.1.20): every number is a double there.
fn js_number(number: &Number) -> String {
    let Some(value) = number.as_f64() else { return "null".to_owned() };
    if value == 0.0 {
        return "0".to_owned();
    }
    // Rust's `{:e}` gives the shortest digits that read back, as JavaScript does.
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = digits.len() as i32;
    let text = if (count..=21).contains(&point) {
        format!("{digits}{}", "0".repeat((point - count) as usize))
    } else if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(point as usize);
        format!("{whole}.{fraction}")
    } else if (-5..=0).contains(&point) {
        format!("0.{}{digits}", "0".repeat(-point as usize))
    } else {
        let sign = if point > 0 { '+' } else { '-' };
        let power = (point - 1).abs();
        match digits.split_at(1) {
            (first, "") => format!("{first}e{sign}{power}"),
            (first, rest) => format!("{first}.{rest}e{sign}{power}"),
        }
    };
    if value < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn rewrite(text: &str) -> String {
        canonical(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn the_vector_of_the_specification() {
        assert_eq!(
            rewrite(r#"{"b":1,"a":{"y":null},"10":"x","9":"y","é":"<&>","B":true}"#),
            r#"{"9":"y","10":"x","B":true,"a":{"y":null},"b":1,"é":"<&>"}"#
        );
    }

    #[test]
    fn numbers_are_written_as_javascript_does() {
        for (given, expected) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("123456789012345680000", "123456789012345680000"),
            ("12345678901234567890", "12345678901234567000"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("1.5e-9", "1.5e-9"),
            ("-12.50", "-12.5"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("5e-324", "5e-324"),
            ("9007199254740993", "9007199254740992"),
        ] {
            // Not through the JSON reader: without `float_roundtrip` it is off by one bit at times.
            assert_eq!(canonical(&json!(given.parse::<f64>().unwrap())), expected, "{given}");
        }
    }

    #[test]
    fn only_what_json_requires_is_escaped() {
        assert_eq!(
            canonical(&json!("a/\u{2028}\u{7f}\u{1}\n\"\\é")),
            "\"a/\u{2028}\u{7f}\\u0001\\n\\\"\\\\é\""
        );
    }

    #[test]
    fn keys_sort_by_utf_16_and_indices_by_number() {
        // U+1F600 is a surrogate pair (d83d…), which sorts before U+FFFD.
        assert_eq!(
            rewrite(r#"{"\ufffd":1,"😀":2,"01":3,"4294967295":4,"4294967294":5,"2":6,"":7}"#),
            "{\"2\":6,\"4294967294\":5,\"\":7,\"01\":3,\"4294967295\":4,\"😀\":2,\"\u{fffd}\":1}"
        );
    }

    proptest! {
        #[test]
        fn numbers_read_back_and_strings_are_as_serde_writes_them(texts in prop::collection::btree_map(".{0,8}", -1e30..1e30f64, 0..8)) {
            let value = serde_json::to_value(&texts).unwrap();
            let text = canonical(&value);
            let mut expected: Vec<_> = texts.into_iter().collect();
            expected.sort_by(|(a, _), (b, _)| key_order(a, b));
            let entries = expected.iter().map(|(key, number)| {
                let written = canonical(&json!(number));
                assert_eq!(written.parse::<f64>().unwrap().to_bits(), (number + 0.0).to_bits());
                format!("{}:{written}", serde_json::to_string(key).unwrap())
            });
            prop_assert_eq!(format!("{{{}}}", entries.collect::<Vec<_>>().join(",")), text);
        }
    }
}
