//! Guides, and how they and the definitions they cover fit together.

use super::{Found, Reading, Rules, Subject, finding::Report};
use crate::{
    catalog::Catalog,
    fields::{FormContext, form_fields},
    guide::GuideText,
};

/// The guide among the files under the rules that covers a provider: its own before another's.
pub(super) fn covering(id: &str, read: &[(Found, String, Reading)]) -> Option<GuideText> {
    let mut covering = read
        .iter()
        .flat_map(|(_, _, reading)| &reading.entries.guides)
        .filter(|raw| raw.covers.iter().any(|covered| **covered == *id))
        .collect::<Vec<_>>();
    covering.sort_by_key(|raw| *raw.provider != *id);
    serde_json::from_str(covering.first()?.text.as_str()).ok()
}

/// Rules about a definition: where its anchors lead.
pub(super) fn check_definition(subject: &Subject<'_>, guide: Option<&GuideText>, rules: &mut Rules) {
    let provider = subject.provider;
    let Some(guide) = guide else { return };
    for field in form_fields(provider, &FormContext::default()).iter().filter(|field| !field.hidden) {
        let Some(section) = field.doc_section.as_deref() else { continue };
        let anchor = section.trim_start_matches('#');
        let leads =
            guide.steps.iter().any(|step| step.id == anchor || step.anchors.iter().any(|old| old == anchor));
        if !leads {
            rules.add(
                &[field.group.as_str(), &field.name, "doc_section"],
                format!("`{section}` is no step of the guide"),
                format!("Name the `id` of a step of catalog/{}/guide.yaml.", guide.provider),
            );
        }
    }
}

/// Rules about a guide file.
///
/// `refused` are definitions that could not be read: what depends on them is not told twice.
pub(super) fn check_text(
    id: &str,
    text: &GuideText,
    catalog: &Catalog,
    refused: &[String],
    report: &mut Report,
) {
    if text.provider != id {
        report.add(
            &["provider".to_owned()],
            format!("`{}` is not the folder's name", text.provider),
            format!("Write `provider: {id}`."),
        );
    }
    if text.covers.iter().any(|covered| refused.contains(covered)) {
        return;
    }
    let covers = ["covers".to_owned()];
    let mut known: Vec<String> = Vec::new();
    for covered in &text.covers {
        let Some(provider) = catalog.get(covered) else {
            report.add(
                &covers,
                format!("there is no provider `{covered}`"),
                "Remove it, or add its definition.",
            );
            continue;
        };
        let fields = form_fields(provider, &FormContext::default());
        for field in fields.iter().filter(|field| !field.hidden) {
            let path = field.path();
            let given = text.steps.iter().filter(|step| step.gives.contains(&path)).count();
            if given == 0 {
                report.add(
                    &["steps".to_owned()],
                    format!("no step gives `{path}`, which the form of `{covered}` asks for"),
                    format!("Name `{path}` in `gives` of the step after which the person holds it."),
                );
            } else if given > 1 {
                report.add_at(
                    &path,
                    "steps",
                    format!("{given} steps give `{path}`"),
                    "Keep it in the step after which the person holds it.",
                );
            }
        }
        known.extend(fields.iter().map(crate::fields::Field::path));
    }
    for step in &text.steps {
        let key = format!("steps.{}", step.id);
        for gives in step.gives.iter().filter(|gives| !known.contains(gives)) {
            report.add_at(
                gives,
                &key,
                format!("it gives `{gives}`, which no form it covers asks for"),
                "Write `credentials.<name>`, `connection_config.<name>` or `assertion_option.<name>` of a field.",
            );
        }
        for sentence in step.actions.iter().chain(&step.warn).chain([&step.title]) {
            if sentence.contains('!') || sentence.to_lowercase().contains("please") {
                let marker = sentence.split(['"', '\'']).next().unwrap_or_default();
                report.add_at(
                    marker,
                    &key,
                    format!("`{sentence}` is not our voice"),
                    "Plain words, present tense, no exclamation, no \"please\".",
                );
            }
            if sentence.trim().is_empty() {
                report.add_at(&step.id, &key, "it has an empty sentence", "Remove it.");
            }
        }
    }
}
