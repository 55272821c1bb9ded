//! Scopes as people write them: separated by commas, spaces or lines.

use crate::dashboard::errors::FieldErrors;

/// Name of the field.
const FIELD: &str = "scopes";

/// The list as it is stored: without repetitions, separated by commas. Every scope has to be one of RFC 6749
/// (section 3.3).
pub(super) fn accept(typed: &str, errors: &mut FieldErrors) -> String {
    let mut all: Vec<&str> = Vec::new();
    for scope in typed.split(|sign: char| sign == ',' || sign.is_whitespace()) {
        if !scope.is_empty() && !all.contains(&scope) {
            all.push(scope);
        }
    }
    let fits = |sign: char| sign.is_ascii_graphic() && sign != '"' && sign != '\\';
    if let Some(wrong) = all.iter().find(|scope| !scope.chars().all(fits)) {
        errors.add(FIELD, format!("“{wrong}” cannot be a scope: it has a sign that scopes do not have."));
    }
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_becomes_one_with_commas() {
        let mut errors = FieldErrors::default();
        assert_eq!(
            accept(" read, write\nread  https://x.test/a:b ", &mut errors),
            "read,write,https://x.test/a:b"
        );
        assert_eq!(accept(" , ", &mut errors), "");
        assert!(errors.is_empty());
        accept("read schreiben-ä", &mut errors);
        assert!(errors.text("scopes").to_string().contains("schreiben-ä"));
    }
}
