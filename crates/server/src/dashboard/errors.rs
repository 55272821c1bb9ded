//! Messages that stand at the fields of a form.

use std::fmt;

use dovetail_catalog::escape_html;

/// Field names and what is wrong with them, in the order found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldErrors(Vec<(&'static str, String)>);

impl FieldErrors {
    /// No field is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a message to a field.
    pub(crate) fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push((field, text.into()));
    }

    /// One message.
    pub(crate) fn one(field: &'static str, text: impl Into<String>) -> Self {
        Self(vec![(field, text.into())])
    }

    fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }

    /// Attributes of the input: marked and described when wrong.
    pub(crate) fn aria(&self, field: &str) -> Html {
        Html(match self.of(field) {
            Some(_) => format!(r#"aria-invalid="true" aria-describedby="{field}-error" data-focus"#),
            None => String::new(),
        })
    }

    /// The same for an input that also has a hint, `id="<field>-hint"`.
    pub(crate) fn aria_with_hint(&self, field: &str) -> Html {
        Html(match self.of(field) {
            Some(_) => {
                format!(r#"aria-invalid="true" aria-describedby="{field}-hint {field}-error" data-focus"#)
            }
            None => format!(r#"aria-describedby="{field}-hint""#),
        })
    }

    /// The message itself, or nothing.
    pub(crate) fn text(&self, field: &str) -> Html {
        Html(match self.of(field) {
            Some(text) => format!(r#"<p class="error" id="{field}-error">{}</p>"#, escape_html(text)),
            None => String::new(),
        })
    }
}

/// Markup made here from escaped parts.
#[derive(Debug)]
pub(crate) struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_escaped_and_bound_to_its_field() {
        let errors = FieldErrors::one("name", "<b> is taken");
        assert_eq!(
            errors.text("name").to_string(),
            r#"<p class="error" id="name-error">&lt;b&gt; is taken</p>"#
        );
        assert!(errors.aria("name").to_string().contains(r#"aria-describedby="name-error""#));
        assert_eq!(errors.aria("other").to_string(), "");
        assert_eq!(errors.text("other").to_string(), "");
    }
}
