//! The schema of one input (providers.md section 3).

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use crate::ordered_map::OrderedMap;

/// The rules of one input field, as written in a definition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    /// Always `string`.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Label; empty on automated and hidden fields.
    #[serde(default)]
    pub title: String,
    /// Help text.
    #[serde(default)]
    pub description: Option<String>,
    /// Placeholder.
    pub example: Option<String>,
    /// Substring match by JavaScript's rules.
    pub pattern: Option<Pattern>,
    /// A named shape.
    pub format: Option<FieldFormat>,
    /// Allowed values.
    #[serde(rename = "enum", default)]
    pub options: Vec<String>,
    /// Initial value; may be empty.
    pub default_value: Option<String>,
    /// Decoration before the input; never part of the value.
    pub prefix: Option<String>,
    /// Decoration after the input; never part of the value.
    pub suffix: Option<String>,
    /// Place in the form; 0 counts as absent.
    pub order: Option<i64>,
    /// May be left empty.
    #[serde(default)]
    pub optional: bool,
    /// Never shown; its default is submitted.
    #[serde(default)]
    pub hidden: bool,
    /// Never asked: filled by the callback, a script, or the integrator.
    #[serde(default)]
    pub automated: bool,
    /// Sealed at rest, masked in forms and answers.
    #[serde(default)]
    pub secret: bool,
    /// Anchor in the end-user guide, with `#`.
    pub doc_section: Option<String>,
    /// Hint for a chosen option, by option.
    #[serde(default)]
    pub warnings: OrderedMap<String>,
    /// Shown only when another field has a value.
    pub visible_when: Option<VisibleWhen>,
}

/// The type of a field's value; there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Text.
    String,
}

/// A named shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldFormat {
    /// `^[a-zA-Z0-9.-]+$`
    Hostname,
    /// Any absolute URL.
    Uri,
    /// RFC 9562.
    Uuid,
    /// An e-mail address.
    Email,
}

/// The condition of a conditional field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisibleWhen {
    /// The controlling field.
    pub field: String,
    /// The value it must have.
    pub equals: String,
}
