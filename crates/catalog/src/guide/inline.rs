//! The two marks a guide sentence may have.

/// Escapes a sentence for HTML and renders `**bold**` as `<strong>` and `` `code` `` as `<code>`.
/// A mark without its partner is text. Nothing else is markup, so the result is safe in element content.
pub fn inline_html(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len() + 16);
    let mut rest = sentence;
    while let Some(at) = rest.find(['*', '`']) {
        let (before, from) = rest.split_at(at);
        out.push_str(&escape_html(before));
        let (mark, tag) = if from.starts_with("**") {
            ("**", "strong")
        } else if from.starts_with('`') {
            ("`", "code")
        } else {
            ("*", "")
        };
        let inside = &from[mark.len()..];
        match inside.find(mark).filter(|end| *end > 0 && !tag.is_empty()) {
            Some(end) => {
                out.push_str(&format!("<{tag}>"));
                out.push_str(&escape_html(&inside[..end]));
                out.push_str(&format!("</{tag}>"));
                rest = &inside[end + mark.len()..];
            }
            None => {
                out.push_str(mark);
                rest = inside;
            }
        }
    }
    out.push_str(&escape_html(rest));
    out
}

/// Text as it may stand in element content and in quoted attributes.
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_become_strong_and_addresses_code() {
        assert_eq!(
            inline_html("Click **API & more**, see `a<b`."),
            "Click <strong>API &amp; more</strong>, see <code>a&lt;b</code>."
        );
    }

    #[test]
    fn a_lonely_mark_is_text() {
        assert_eq!(inline_html("2 * 3 ** 4 ` 5"), "2 * 3 ** 4 ` 5");
        assert_eq!(inline_html("****"), "****");
    }

    proptest! {
        #[test]
        fn no_other_tag_ever_comes_out(text in ".{0,80}") {
            let html = inline_html(&text);
            let bare = html.replace("<strong>", "").replace("</strong>", "").replace("<code>", "").replace("</code>", "");
            prop_assert!(!bare.contains('<') && !bare.contains('>') && !bare.contains('"'));
        }
    }
}
