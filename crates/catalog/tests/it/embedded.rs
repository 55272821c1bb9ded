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
        for field in form_fields(provider, &FormContext::default()).iter().filter(|field| !field.hidden) {
            let told = guide.step_for(field.group, &field.name).is_some();
            let last = guide.steps.last().unwrap().actions.iter().any(|action| action.contains(&field.title));
            assert!(last, "{}: the last step does not name {}", provider.id(), field.title);
            if guide.source == GuideSource::FromFields {
                assert!(told, "{}: no step gives {}", provider.id(), field.path());
            }
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
    let raw = catalog.get("coda").unwrap().raw().as_object().unwrap();
    assert_eq!(raw.keys().next().unwrap(), "display_name");
    assert!(catalog.providers().all(|provider| provider.raw().get("alias").is_none()));
}
