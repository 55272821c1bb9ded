//! What to try when a link does not succeed: the same few answers for every provider, because
//! they follow from how credentials are checked.

/// One row of "If it does not work".
pub(super) struct Trouble {
    /// What the person sees.
    pub(super) when: String,
    /// What they do then.
    pub(super) then: String,
}

/// The rows for a provider whose form has fields; none where nothing is typed in.
pub(super) fn troubles(name: &str, has_fields: bool) -> Vec<Trouble> {
    if !has_fields {
        return Vec::new();
    }
    let name = short_name(name);
    let row = |when: String, then: String| Trouble { when, then };
    vec![
        row(
            format!("{name} answers 401"),
            "The values are not valid. Copy them again as a whole, or create new ones.".to_owned(),
        ),
        row(
            format!("{name} answers 403"),
            format!("A permission is missing. Add it to the key, or ask an administrator of {name}."),
        ),
        row(
            format!("{name} answers 404 or is not found"),
            "A part of the address is wrong, such as the subdomain or the region.".to_owned(),
        ),
        row(
            format!("{name} answers 429 or 5xx"),
            "Nothing is wrong with the values. Try again in a few minutes.".to_owned(),
        ),
    ]
}

/// "Zendesk (API Token)" is Zendesk when it answers.
pub(super) fn short_name(display_name: &str) -> &str {
    match display_name.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((name, _)) if !name.trim().is_empty() => name.trim(),
        _ => display_name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_brackets_is_not_the_name() {
        assert_eq!(short_name("Zendesk (API Token)"), "Zendesk");
        assert_eq!(short_name("Coda"), "Coda");
        assert_eq!(short_name("(x)"), "(x)");
    }
}
