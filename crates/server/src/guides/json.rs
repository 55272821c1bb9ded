//! A guide as JSON: what the Connect page shows beside the form.

use dovetail_catalog::{FormContext, Guide, GuideStep, Provider, form_fields};
use serde_json::{Value, json};

use super::guide::address;
use super::trouble::{short_name, troubles};
use crate::config::ServerConfig;

/// The guide in the shape of connect.md 11.4; `warnings` and `notes` are ours.
pub(super) fn guide(config: &ServerConfig, provider: &Provider, guide: &Guide) -> Value {
    let fields: Vec<_> =
        form_fields(provider, &FormContext::default()).into_iter().filter(|field| !field.hidden).collect();
    let (finish, steps) =
        guide.steps.split_last().map_or((None, &guide.steps[..]), |(last, rest)| (Some(last), rest));
    let needs: Vec<Value> = fields
        .iter()
        .map(|field| json!({"field": field.path(), "label": field.title, "meaning": field.description}))
        .collect();
    let troubleshooting: Vec<Value> = troubles(&guide.display_name, !fields.is_empty())
        .into_iter()
        .map(|row| json!({"when": row.when, "then": row.then}))
        .collect();
    json!({
        "provider": guide.provider,
        "title": guide.title(),
        "summary": summary(guide),
        "url": address(config, provider),
        "source": guide.source,
        "needs": needs,
        "prerequisites": guide.needs,
        "steps": steps.iter().map(step).collect::<Vec<_>>(),
        "finish": finish.map(step),
        "notes": guide.notes,
        "troubleshooting": troubleshooting,
        "sources": guide.docs.iter().collect::<Vec<_>>(),
    })
}

/// One sentence for lists and search results.
pub(super) fn summary(guide: &Guide) -> String {
    let values: Vec<&str> =
        guide.steps.iter().flat_map(|step| &step.gives).map(|field| field.title.as_str()).collect();
    let name = short_name(&guide.display_name);
    match values.as_slice() {
        [] => format!("How to link an account of {name}."),
        [one] => format!("Where to find the {one} of {name}, and where to enter it."),
        [first @ .., last] => {
            let first = first.join(", ");
            format!("Where to find {first} and {last} of {name}, and where to enter them.")
        }
    }
}

fn step(step: &GuideStep) -> Value {
    json!({
        "id": step.id,
        "title": step.title,
        "fields": step.gives.iter().map(|field| field.path.as_str()).collect::<Vec<_>>(),
        "actions": step.actions,
        "link": step.open,
        "warnings": step.warnings,
    })
}

#[cfg(test)]
mod tests {
    use dovetail_catalog::CatalogHandle;

    use super::*;

    #[test]
    fn the_guide_of_coda_has_the_step_that_gives_the_key_and_the_one_that_enters_it() {
        let catalog = CatalogHandle::embedded().current();
        let config = ServerConfig::new("https://link.acme.test".parse().unwrap());
        let answer = guide(&config, catalog.get("coda").unwrap(), &catalog.guide_for("coda").unwrap());
        assert_eq!(answer["url"], "https://link.acme.test/guides/coda");
        assert_eq!(answer["steps"][0]["fields"], json!(["credentials.apiKey"]));
        assert_eq!(answer["needs"][0]["field"], "credentials.apiKey");
        assert_eq!(answer["finish"]["id"], "enter-the-values");
    }

    #[test]
    fn every_field_of_every_form_is_given_by_exactly_one_step() {
        let catalog = CatalogHandle::embedded().current();
        for provider in catalog.providers() {
            let guide = catalog.guide_for(provider.id()).unwrap();
            for field in form_fields(&provider, &FormContext::default()) {
                let path = field.path();
                let given =
                    guide.steps.iter().filter(|step| step.gives.iter().any(|gives| gives.path == path));
                assert_eq!(given.count(), usize::from(!field.hidden), "{}: {path}", provider.id());
            }
        }
    }
}
