//! A guide file.

use std::collections::HashSet;

use serde::Deserialize;

use crate::{
    definition::Provider,
    fields::{FormContext, form_fields},
    limits::{GUIDE_ACTIONS, GUIDE_NOTES, GUIDE_STEPS, GUIDE_TITLE_WORDS, GUIDE_WARNINGS},
};

use super::assemble::ENTER_VALUES;

/// What is particular to a provider family, as written in `guide.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideText {
    /// The provider the file is named after.
    pub provider: String,
    /// Every provider it serves, `provider` included.
    pub covers: Vec<String>,
    /// What is needed first.
    #[serde(default)]
    pub needs: Vec<String>,
    /// In the order a person does them.
    pub steps: Vec<StepText>,
    /// Validity, limits, allow-lists.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The provider's own page on the subject.
    pub docs: Option<String>,
}

/// One step of a guide file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepText {
    /// Kebab-case; the page's anchor.
    pub id: String,
    /// Imperative, at most eight words.
    pub title: String,
    /// Old anchors that lead here.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// `credentials.apiKey`, `connection_config.domain`, `assertion_option.key`.
    #[serde(default)]
    pub gives: Vec<String>,
    /// Page in the provider's product where the step starts; may hold `{name}`.
    pub open: Option<String>,
    /// One action a sentence, labels in bold.
    #[serde(rename = "do")]
    pub actions: Vec<String>,
    /// Cautions.
    #[serde(default)]
    pub warn: Vec<String>,
}

impl GuideText {
    /// Rules that need no provider.
    pub(crate) fn check(&self) -> Result<(), String> {
        let at_most = |what: &str, count: usize, limit: usize| {
            if count > limit { Err(format!("{what}: {count}, at most {limit}")) } else { Ok(()) }
        };
        if !self.covers.contains(&self.provider) {
            return Err(format!("`covers` must name `{}`", self.provider));
        }
        if self.steps.is_empty() {
            return Err("needs at least one step".to_owned());
        }
        at_most("steps", self.steps.len(), GUIDE_STEPS)?;
        at_most("needs", self.needs.len(), GUIDE_NOTES)?;
        at_most("notes", self.notes.len(), GUIDE_NOTES)?;
        let mut ids = HashSet::from([ENTER_VALUES]);
        for step in &self.steps {
            let id = &step.id;
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            {
                return Err(format!("step id `{id}` is not kebab-case"));
            }
            if !ids.insert(id) {
                return Err(format!("step id `{id}` occurs twice or is reserved"));
            }
            at_most(
                &format!("words in the title of step `{id}`"),
                step.title.split_whitespace().count(),
                GUIDE_TITLE_WORDS,
            )?;
            if step.actions.is_empty() {
                return Err(format!("step `{id}` does nothing"));
            }
            at_most(&format!("sentences of step `{id}`"), step.actions.len(), GUIDE_ACTIONS)?;
            at_most(&format!("cautions of step `{id}`"), step.warn.len(), GUIDE_WARNINGS)?;
            if step
                .open
                .as_ref()
                .is_some_and(|open| !open.starts_with("https://") && !open.starts_with("http://"))
            {
                return Err(format!("step `{id}` opens no http(s) address"));
            }
        }
        Ok(())
    }

    /// `gives` must name fields that the provider's form has. Files that cover several providers may name a field
    /// that only the first of them has.
    pub(crate) fn check_against(&self, provider: &Provider) -> Result<(), String> {
        self.check()?;
        if provider.id() != self.provider {
            return Ok(());
        }
        let fields = form_fields(provider, &FormContext::default());
        for step in &self.steps {
            for gives in &step.gives {
                let known = fields.iter().any(|field| field.path() == *gives);
                if !known {
                    return Err(format!(
                        "step `{}` gives `{gives}`, which the form of `{}` does not ask",
                        step.id,
                        provider.id()
                    ));
                }
            }
        }
        Ok(())
    }
}
