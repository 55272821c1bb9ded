//! The definitions and guides of this repository.

use std::fs;

use dovetail_catalog::{CatalogHandle, FormContext, GuideSource, form_fields};

use crate::support::embedded;

#[test]
fn every_embedded_file_is_sound() {
    let handle = CatalogHandle::embedded();
    let problems: Vec<_> = handle.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems, Vec::<String>::new());
    assert!(handle.current().get("coda").is_some() && handle.current().get("ordinal").is_some());
}

/// The same files through the strict reader of overlays, which also checks names, patterns and references.
#[test]
fn every_file_passes_the_checks_of_an_overlay() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");
    let handle = CatalogHandle::open(Some(folder.into()));
    let problems: Vec<_> = handle.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems, Vec::<String>::new());
    let folders =
        fs::read_dir(folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(handle.current().len(), folders);
}

#[test]
fn loading_takes_milliseconds() {
    let start = tokio::time::Instant::now();
    let catalog = CatalogHandle::embedded().current();
    println!("{} definitions in {:?}", catalog.len(), start.elapsed());
    assert!(!catalog.is_empty());
}

#[test]
fn every_provider_with_visible_fields_has_a_guide_that_ends_in_the_form() {
    let catalog = embedded();
    for provider in catalog.providers() {
        let guide = catalog.guide_for(provider.id()).unwrap();
        assert_eq!(guide.steps.last().unwrap().id, dovetail_catalog::ENTER_VALUES);
        for field in form_fields(&provider, &FormContext::default()).iter().filter(|field| !field.hidden) {
            let told = guide.step_for(field.group, &field.name).is_some();
            let last = guide.steps.last().unwrap().actions.iter().any(|action| action.contains(&field.title));
            assert!(last, "{}: the last step does not name {}", provider.id(), field.title);
            if guide.source == GuideSource::FromFields {
                assert!(told, "{}: no step gives {}", provider.id(), field.path());
            }
        }
    }
}

/// A field that a step gives, and only one step: the form lights it up when the field has the focus.
#[test]
fn every_visible_field_of_a_written_guide_is_given_by_exactly_one_step() {
    let catalog = embedded();
    for provider in catalog.providers().filter(|provider| catalog.has_written_guide(provider.id())) {
        let guide = catalog.guide_for(provider.id()).unwrap();
        for field in form_fields(&provider, &FormContext::default()).iter().filter(|field| !field.hidden) {
            let path = field.path();
            let steps = guide.steps.iter().filter(|step| step.gives.iter().any(|gives| gives.path == path));
            assert_eq!(steps.count(), 1, "{}: steps that give {path}", provider.id());
        }
    }
}

#[test]
fn every_doc_section_leads_to_a_step() {
    let catalog = embedded();
    for provider in catalog.providers() {
        let guide = catalog.guide_for(provider.id()).unwrap();
        for field in form_fields(&provider, &FormContext::default()) {
            let leads =
                field.doc_section.as_deref().is_none_or(|anchor| guide.step_by_anchor(anchor).is_some());
            assert!(leads || field.hidden, "{}: {:?}", provider.id(), field.doc_section);
        }
    }
}

#[test]
fn coda_has_its_written_guide() {
    let catalog = embedded();
    let guide = catalog.guide_for("coda").unwrap();
    assert_eq!(guide.source, GuideSource::Written);
    let step = guide.step_by_anchor("#step-1-creating-an-api-key").unwrap();
    assert_eq!(guide.step_for(dovetail_catalog::FieldGroup::Credentials, "apiKey"), Some(step));
    assert!(guide.markdown(&Default::default()).contains("**API token**"));
}

#[test]
fn the_wire_form_keeps_the_order_of_the_file_and_has_no_alias() {
    let catalog = embedded();
    assert!(catalog.get("coda").unwrap().json().starts_with("{\"display_name\":\"Coda\","));
    for (id, json) in catalog.resolved() {
        let keys: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&json).unwrap();
        assert!(!keys.contains_key("alias") && keys.contains_key("auth_mode"), "{id}");
        assert_eq!(json, catalog.get(id).unwrap().json());
    }
}

#[test]
fn logos_are_svg_documents_that_load_nothing() {
    let catalog = embedded();
    assert!(catalog.logo("coda").is_some());
    assert_eq!(catalog.logo("private-api-basic"), None);
    let logos: Vec<_> = catalog.listings().iter().filter_map(|listing| catalog.logo(listing.id())).collect();
    assert!(logos.len() > 200, "{}", logos.len());
    for logo in logos {
        assert!(logo.starts_with("<svg ") && logo.trim_end().ends_with("</svg>"), "{logo}");
        for word in ["<script", "<style", "<image", "href", "url(", " on", "<!"] {
            assert!(!logo.contains(word), "{word} in {logo}");
        }
    }
}
