//! The Prometheus text format.

use std::fmt::Write as _;

/// The two comment lines before a metric's values.
pub(super) fn head(page: &mut String, name: &str, help: &str, kind: &str) {
    line(page, format_args!("# HELP {name} {help}"));
    line(page, format_args!("# TYPE {name} {kind}"));
}

/// One line of the page.
pub(super) fn line(page: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    if writeln!(page, "{content}").is_err() {
        page.push('\n');
    }
}

/// `name="value",…`, escaped, without braces.
pub(super) fn labels<const N: usize>(names: &[&str; N], values: &[Box<str>; N]) -> String {
    let mut text = String::new();
    for (position, (name, value)) in names.iter().zip(values).enumerate() {
        if position > 0 {
            text.push(',');
        }
        text.push_str(name);
        text.push_str("=\"");
        for character in value.chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                other => text.push(other),
            }
        }
        text.push('"');
    }
    text
}
