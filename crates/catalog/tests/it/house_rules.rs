//! The rules of `catalog/README.md`, held by every shipped entry.

use dovetail_catalog::{CatalogHandle, FieldRule, Provider};

/// Fields that a person sees on the Connect page, with their path.
fn shown(provider: &Provider) -> Vec<(String, &FieldRule)> {
    [("credentials", &provider.credentials), ("connection_config", &provider.connection_config)]
        .into_iter()
        .flat_map(|(section, fields)| {
            fields.iter().map(move |(name, rule)| (format!("{section}.{name}"), rule))
        })
        .filter(|(_, rule)| !rule.hidden && !rule.automated)
        .collect()
}

#[test]
fn every_shown_field_says_what_it_is() {
    for provider in CatalogHandle::embedded().current().providers() {
        for (path, rule) in shown(&provider) {
            let what = format!("{} {path}", provider.id());
            assert!(!rule.title.is_empty(), "{what} has no title");
            let description = rule.description.as_deref().unwrap_or_default();
            assert!(description.ends_with('.') && !description.contains('!'), "{what}: {description:?}");
        }
    }
}

#[test]
fn what_gives_access_is_secret() {
    for provider in CatalogHandle::embedded().current().providers() {
        for (path, rule) in shown(&provider) {
            let gives_access = path == "credentials.apiKey" || path == "credentials.password";
            assert!(!gives_access || rule.secret, "{} {path}", provider.id());
        }
    }
}

#[test]
fn what_becomes_part_of_a_host_is_bound() {
    for provider in CatalogHandle::embedded().current().providers() {
        for name in provider.host_uses().into_iter().map(|host| host.name) {
            let rule = provider.connection_config.get(name).filter(|rule| !rule.automated && !rule.hidden);
            let bound = rule.is_none_or(|rule| {
                rule.pattern
                    .as_ref()
                    .is_some_and(|p| p.source().starts_with('^') && p.source().ends_with('$'))
                    || rule.format.is_some()
                    || !rule.options.is_empty()
            });
            assert!(bound, "{} {name} goes into a host without a rule", provider.id());
        }
    }
}

#[test]
fn every_shown_field_is_given_by_one_step_to_which_it_points() {
    let handle = CatalogHandle::embedded();
    let catalog = handle.current();
    for provider in catalog.providers() {
        assert_eq!(
            provider.docs_connect.is_some(),
            catalog.has_written_guide(provider.id()),
            "{}: docs_connect and guide.yaml go together",
            provider.id()
        );
        if !catalog.has_written_guide(provider.id()) {
            continue;
        }
        let guide = catalog.guide_for(provider.id()).unwrap();
        for (path, rule) in shown(&provider) {
            let steps: Vec<&str> = guide
                .steps
                .iter()
                .filter(|step| step.gives.iter().any(|field| field.path == path))
                .map(|step| step.id.as_str())
                .collect();
            let points_to = rule.doc_section.as_deref().and_then(|anchor| anchor.strip_prefix('#'));
            assert_eq!(steps, points_to.into_iter().collect::<Vec<_>>(), "{} {path}", provider.id());
        }
    }
}

#[test]
fn titles_and_links_follow_the_house() {
    let handle = CatalogHandle::embedded();
    let catalog = handle.current();
    for provider in catalog.providers() {
        // Who has no written guide may lead to the provider's own documentation.
        let elsewhere = !catalog.has_written_guide(provider.id()) && provider.docs.starts_with("https://");
        let what = format!("{}: {}", provider.id(), provider.docs);
        assert!(elsewhere || provider.docs == format!("/guides/{}", provider.id()), "{what}");
        for step in catalog.guide_for(provider.id()).into_iter().flat_map(|guide| guide.steps) {
            let what = format!("{} {}", provider.id(), step.id);
            assert!(step.title.split_whitespace().count() <= 8, "{what}: {}", step.title);
            for sentence in step.actions.iter().chain(&step.warnings) {
                assert!(
                    !sentence.contains('!') && !sentence.to_lowercase().contains("please"),
                    "{what}: {sentence}"
                );
            }
        }
    }
}
