//! A guide for one provider: the written steps, and the last one made from the form.

use serde::Serialize;

use crate::{
    definition::{FieldFormat, Provider},
    fields::{Field, FieldGroup, FormContext, form_fields},
};

use super::text::GuideText;

/// Id of the last step, which every guide with fields has.
pub const ENTER_VALUES: &str = "enter-the-values";

/// A field that a step speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldRef {
    /// `credentials.apiKey`.
    pub path: String,
    /// Label in the form.
    pub title: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideStep {
    /// The anchor.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Older anchors that lead here: kept as extra ids so that links from elsewhere survive.
    pub anchors: Vec<String>,
    /// What the person holds after it.
    pub gives: Vec<FieldRef>,
    /// Where it starts; may hold `{name}` parts, and is then no link.
    pub open: Option<String>,
    /// Sentences; `**bold**` and `` `code` `` inside.
    pub actions: Vec<String>,
    /// Cautions.
    pub warnings: Vec<String>,
}

impl GuideStep {
    /// The address it starts at, if it can be followed as it is.
    pub fn link(&self) -> Option<&str> {
        self.open.as_deref().filter(|open| !open.contains('{'))
    }
}

/// Where the words of a guide come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuideSource {
    /// Somebody wrote it.
    Written,
    /// Made from the titles, descriptions and examples of the fields.
    FromFields,
}

/// The guide of one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guide {
    /// The provider's id.
    pub provider: String,
    /// The provider's name.
    pub display_name: String,
    /// Where its words come from.
    pub source: GuideSource,
    /// What is needed first.
    pub needs: Vec<String>,
    /// Steps; the last one is [`ENTER_VALUES`].
    pub steps: Vec<GuideStep>,
    /// Validity, limits.
    pub notes: Vec<String>,
    /// The provider's own page.
    pub docs: Option<String>,
}

impl Guide {
    pub(crate) fn assemble(provider: &Provider, text: Option<&GuideText>) -> Self {
        let fields: Vec<Field> = form_fields(provider, &FormContext::default())
            .into_iter()
            .filter(|field| !field.hidden)
            .collect();
        let title_of =
            |path: &str| fields.iter().find(|field| field.path() == path).map(|field| field.title.clone());
        let mut steps: Vec<GuideStep> = match text {
            Some(text) => text
                .steps
                .iter()
                .map(|step| GuideStep {
                    id: step.id.clone(),
                    title: step.title.clone(),
                    anchors: step.anchors.clone(),
                    gives: step
                        .gives
                        .iter()
                        .filter_map(|path| title_of(path).map(|title| FieldRef { path: path.clone(), title }))
                        .collect(),
                    open: step.open.clone(),
                    actions: step.actions.clone(),
                    warnings: step.warn.clone(),
                })
                .collect(),
            None => fields.iter().map(|field| from_field(provider, field)).collect(),
        };
        steps.push(last_step(provider, &fields));
        Self {
            provider: provider.id().to_owned(),
            display_name: provider.display_name.clone(),
            source: if text.is_some() { GuideSource::Written } else { GuideSource::FromFields },
            needs: text.map_or_else(
                || vec![format!("{} account", provider.display_name)],
                |text| text.needs.clone(),
            ),
            steps,
            notes: text.map(|text| text.notes.clone()).unwrap_or_default(),
            docs: text.and_then(|text| text.docs.clone()),
        }
    }

    /// The step after which the person holds the value of this field.
    pub fn step_for(&self, group: FieldGroup, name: &str) -> Option<&GuideStep> {
        let path = format!("{}.{name}", group.as_str());
        self.steps.iter().find(|step| step.gives.iter().any(|gives| gives.path == path))
    }

    /// The step that an anchor (with or without `#`) leads to: its id, or one of its older anchors.
    pub fn step_by_anchor(&self, anchor: &str) -> Option<&GuideStep> {
        let anchor = anchor.strip_prefix('#').unwrap_or(anchor);
        self.steps
            .iter()
            .find(|step| step.id == anchor)
            .or_else(|| self.steps.iter().find(|step| step.anchors.iter().any(|known| known == anchor)))
    }
}

/// A step for a field that nobody described: what the definition knows about it.
fn from_field(provider: &Provider, field: &Field) -> GuideStep {
    let mut actions = vec![if field.options.is_empty() {
        format!("Find the **{}** in your {} account.", field.title, provider.display_name)
    } else {
        format!("Find out which **{}** your {} account has.", field.title, provider.display_name)
    }];
    if let Some(description) = field.description.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        actions.push(description.to_owned());
    }
    if field.options.is_empty() {
        if let Some(prefix) = field.prefix.as_deref().filter(|prefix| prefix.starts_with("http")) {
            let suffix = field.suffix.as_deref().unwrap_or_default();
            let example = field.placeholder.as_deref().filter(|text| *text != field.title).unwrap_or("…");
            actions.push(format!("It is the part `{example}` of `{prefix}{example}{suffix}`."));
        } else if let Some(example) = field.placeholder.as_deref().filter(|text| *text != field.title) {
            actions.push(format!("It looks like `{example}`."));
        }
    } else {
        actions.push(format!("Possible values: {}.", field.options.join(", ")));
    }
    match field.format {
        Some(FieldFormat::Hostname) => {
            actions.push("Only the host name counts, without `https://` and without a path.".to_owned());
        }
        Some(FieldFormat::Uri) => actions.push("Copy the whole address, with `https://`.".to_owned()),
        Some(FieldFormat::Uuid | FieldFormat::Email) | None => {}
    }
    GuideStep {
        id: format!("find-{}", slug(&field.title, &field.name)),
        title: format!("Find the {}", field.title),
        anchors: field.doc_section.iter().map(|anchor| anchor.trim_start_matches('#').to_owned()).collect(),
        gives: vec![FieldRef { path: field.path(), title: field.title.clone() }],
        open: None,
        actions,
        warnings: Vec::new(),
    }
}

/// "Enter the values": one sentence a field, in the order of the form.
fn last_step(provider: &Provider, fields: &[Field]) -> GuideStep {
    let mut actions: Vec<String> = fields
        .iter()
        .map(|field| {
            let verb = if field.options.is_empty() { "Enter" } else { "Choose" };
            let optional = if field.optional { ", if you have one" } else { "" };
            let masked = field.secret && field.options.is_empty();
            format!("{} the **{}**{optional}.", if masked { "Paste" } else { verb }, field.title)
        })
        .collect();
    if fields.is_empty() {
        actions.push(format!("Press **Link account** and follow {}.", provider.display_name));
    } else {
        actions.push("Press **Link account**. The values are checked at once.".to_owned());
    }
    GuideStep {
        id: ENTER_VALUES.to_owned(),
        title: if fields.is_empty() { "Connect the account" } else { "Enter the values" }.to_owned(),
        anchors: Vec::new(),
        gives: Vec::new(),
        open: None,
        actions,
        warnings: Vec::new(),
    }
}

/// Kebab-case of a title; of the field's name where the title has no Latin letter.
fn slug(title: &str, name: &str) -> String {
    let kebab = |text: &str| {
        let lower: String = text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        lower.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    };
    let from_title = kebab(title);
    if from_title.is_empty() { kebab(name) } else { from_title }
}
