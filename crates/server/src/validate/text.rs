//! Strings and what is written as one: choices, flags, literals; and booleans.

use regex::Regex;
use serde_json::Value;

use super::format::{is_datetime, is_email, is_url, is_uuid};
use super::issue::Cx;
use super::schema::Schema;

/// A string with rules; see [`string`].
#[derive(Clone, Debug)]
pub struct Text {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
enum Rule {
    Min(usize),
    Max(usize),
    Pattern { regex: &'static Regex, shown: &'static str },
    StartsWith(&'static str),
    EndsWith(&'static str),
    Uuid,
    Email,
    Url,
    DateTime,
}

/// A string. Lengths are counted in UTF-16 units, as clients count them.
pub fn string() -> Text {
    Text { rules: Vec::new() }
}

impl Text {
    /// At least `least` characters.
    pub fn min(self, least: usize) -> Self {
        self.rule(Rule::Min(least))
    }

    /// At most `most` characters.
    pub fn max(self, most: usize) -> Self {
        self.rule(Rule::Max(most))
    }

    /// Must match; `shown` is the expression as messages show it, with its slashes.
    pub fn pattern(self, regex: &'static Regex, shown: &'static str) -> Self {
        self.rule(Rule::Pattern { regex, shown })
    }

    /// Must start with `start`.
    pub fn starts_with(self, start: &'static str) -> Self {
        self.rule(Rule::StartsWith(start))
    }

    /// Must end with `end`.
    pub fn ends_with(self, end: &'static str) -> Self {
        self.rule(Rule::EndsWith(end))
    }

    /// Must be a UUID of any version.
    pub fn uuid(self) -> Self {
        self.rule(Rule::Uuid)
    }

    /// Must be an e-mail address.
    pub fn email(self) -> Self {
        self.rule(Rule::Email)
    }

    /// Must be an absolute URL.
    pub fn url(self) -> Self {
        self.rule(Rule::Url)
    }

    /// Must be an ISO 8601 instant in UTC (`Z`).
    pub fn datetime(self) -> Self {
        self.rule(Rule::DateTime)
    }

    fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}

impl Rule {
    fn apply(&self, text: &str, cx: &mut Cx) {
        match self {
            Self::Min(least) if units(text) < *least => {
                cx.issue("too_small", format!("Too small: expected string to have >={least} characters"));
            }
            Self::Max(most) if units(text) > *most => {
                cx.issue("too_big", format!("Too big: expected string to have <={most} characters"));
            }
            Self::Pattern { regex, shown } if !regex.is_match(text) => {
                cx.issue("invalid_format", format!("Invalid string: must match pattern {shown}"));
            }
            Self::StartsWith(start) if !text.starts_with(start) => {
                cx.issue("invalid_format", format!("Invalid string: must start with \"{start}\""));
            }
            Self::EndsWith(end) if !text.ends_with(end) => {
                cx.issue("invalid_format", format!("Invalid string: must end with \"{end}\""));
            }
            Self::Uuid if !is_uuid(text) => cx.issue("invalid_format", "Invalid UUID"),
            Self::Email if !is_email(text) => cx.issue("invalid_format", "Invalid email address"),
            Self::Url if !is_url(text) => cx.issue("invalid_format", "Invalid URL"),
            Self::DateTime if !is_datetime(text) => cx.issue("invalid_format", "Invalid ISO datetime"),
            _ => {}
        }
    }
}

/// Length of a string as clients count it.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

impl Schema for Text {
    type Out = String;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<String> {
        let Some(Value::String(text)) = value else {
            cx.wrong_type("string", value);
            return None;
        };
        for rule in &self.rules {
            rule.apply(text, cx);
        }
        Some(text.clone())
    }
}

/// `true` or `false`; see [`boolean`].
#[derive(Clone, Copy, Debug)]
pub struct Bool;

/// A JSON boolean.
pub fn boolean() -> Bool {
    Bool
}

impl Schema for Bool {
    type Out = bool;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<bool> {
        let Some(Value::Bool(out)) = value else {
            cx.wrong_type("boolean", value);
            return None;
        };
        Some(*out)
    }
}

/// A boolean written as a word; see [`flag`].
#[derive(Clone, Copy, Debug)]
pub struct Flag;

const TRUE_WORDS: [&str; 6] = ["true", "1", "yes", "on", "y", "enabled"];
const FALSE_WORDS: [&str; 6] = ["false", "0", "no", "off", "n", "disabled"];

/// A boolean of a query string: `true`, `1`, `yes`, `on`, `y`, `enabled` or their opposites, in any case.
pub fn flag() -> Flag {
    Flag
}

impl Schema for Flag {
    type Out = bool;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<bool> {
        let Some(Value::String(text)) = value else {
            cx.wrong_type("string", value);
            return None;
        };
        let word = text.to_lowercase();
        if TRUE_WORDS.contains(&word.as_str()) {
            return Some(true);
        }
        if FALSE_WORDS.contains(&word.as_str()) {
            return Some(false);
        }
        let words = TRUE_WORDS.into_iter().chain(FALSE_WORDS);
        cx.fatal("invalid_value", expected_one_of(words));
        None
    }
}

/// One of a list of words, each standing for a value; see [`choice`].
#[derive(Clone, Debug)]
pub struct Choice<T: 'static>(&'static [(&'static str, T)]);

/// One of the words of `options`.
pub fn choice<T: Clone>(options: &'static [(&'static str, T)]) -> Choice<T> {
    Choice(options)
}

impl<T: Clone> Schema for Choice<T> {
    type Out = T;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<T> {
        let found = value.and_then(Value::as_str);
        if let Some((_, out)) = self.0.iter().find(|(word, _)| Some(*word) == found) {
            return Some(out.clone());
        }
        cx.fatal("invalid_value", expected_one_of(self.0.iter().map(|(word, _)| *word)));
        None
    }
}

/// One fixed word; see [`literal`].
#[derive(Clone, Copy, Debug)]
pub struct Literal(&'static str);

/// Exactly `word`.
pub fn literal(word: &'static str) -> Literal {
    Literal(word)
}

impl Schema for Literal {
    type Out = ();

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<()> {
        if value.and_then(Value::as_str) == Some(self.0) {
            return Some(());
        }
        cx.fatal("invalid_value", expected_one_of([self.0]));
        None
    }
}

fn expected_one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("\"{word}\"")).collect();
    match words.as_slice() {
        [only] => format!("Invalid input: expected {only}"),
        many => format!("Invalid option: expected one of {}", many.join("|")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message<S: Schema>(schema: S, value: Value) -> String {
        match schema.check(Some(&value)) {
            Ok(_) => "fine".to_owned(),
            Err(issues) => {
                issues.iter().map(|i| format!("{}: {}", i.code, i.message)).collect::<Vec<_>>().join("; ")
            }
        }
    }

    #[test]
    fn strings_report_every_broken_rule_in_order() {
        assert_eq!(
            message(string().min(3).url(), json!("a")),
            "too_small: Too small: expected string to have >=3 characters; invalid_format: Invalid URL"
        );
    }

    #[test]
    fn lengths_count_utf16_units() {
        assert_eq!(message(string().max(2), json!("🦊")), "fine");
        assert_eq!(
            message(string().max(1), json!("🦊")),
            "too_big: Too big: expected string to have <=1 characters"
        );
    }

    #[test]
    fn flags_accept_words_in_any_case_but_not_the_empty_string() {
        assert_eq!(flag().check(Some(&json!("YES"))), Ok(true));
        assert_eq!(flag().check(Some(&json!("Disabled"))), Ok(false));
        assert_eq!(
            message(flag(), json!("")),
            r#"invalid_value: Invalid option: expected one of "true"|"1"|"yes"|"on"|"y"|"enabled"|"false"|"0"|"no"|"off"|"n"|"disabled""#
        );
    }

    #[test]
    fn a_choice_names_its_options_and_a_literal_itself() {
        let options = choice(&[("a", 1), ("b", 2)]);
        assert_eq!(message(options, json!("c")), r#"invalid_value: Invalid option: expected one of "a"|"b""#);
        assert_eq!(message(literal("a"), json!(1)), r#"invalid_value: Invalid input: expected "a""#);
    }

    #[test]
    fn a_wrong_type_is_named() {
        assert_eq!(
            message(boolean(), json!("true")),
            "invalid_type: Invalid input: expected boolean, received string"
        );
        assert_eq!(
            string().check(None).unwrap_err()[0].message,
            "Invalid input: expected string, received undefined"
        );
    }
}
