//! The search of the provider list.

/// Whether `term` occurs anywhere in `name`, whatever the case. A dot stands for any character, as it always has for
/// clients of this route.
pub(super) fn matches(name: &str, term: &str) -> bool {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let term: Vec<char> = term.to_lowercase().chars().collect();
    if term.is_empty() {
        return true;
    }
    name.windows(term.len())
        .any(|part| part.iter().zip(&term).all(|(c, wanted)| *wanted == '.' || c == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_a_substring_in_any_case() {
        assert!(matches("coda-mcp", "CODA"));
        assert!(matches("coda", "o.a"));
        assert!(matches("coda", ""));
        assert!(!matches("coda", "codas"));
        assert!(!matches("coda", "foobar-none"));
    }
}
