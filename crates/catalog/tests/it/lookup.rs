//! Finding providers.

use crate::support::embedded;

#[test]
fn ids_are_searched_by_any_part() {
    let catalog = embedded();
    let found: Vec<_> = catalog.search_ids("ODA").map(|provider| provider.id()).collect();
    assert!(found.contains(&"coda"));
    assert!(catalog.search_ids("o.a").any(|provider| provider.id() == "coda"));
    assert!(catalog.search_ids("no such thing").next().is_none());
}

#[test]
fn words_find_names_and_categories_best_first() {
    let catalog = embedded();
    assert_eq!(catalog.search("cod")[0].id(), "coda");
    assert!(catalog.search("ticketing zendesk").iter().any(|provider| provider.id() == "zendesk-api-key"));
    assert_eq!(catalog.search("").len(), catalog.len());
    assert!(catalog.search("zendesk coda").is_empty());
}

#[test]
fn a_slip_of_the_finger_is_forgiven_where_nothing_fits() {
    let catalog = embedded();
    assert_eq!(catalog.search("zendeks")[0].id(), "zendesk");
    assert!(catalog.search("perplexiti").iter().any(|provider| provider.id() == "perplexity"));
    assert!(catalog.search("codd").iter().any(|provider| provider.id() == "coda"));
    assert!(catalog.search("xyzzy").is_empty());
    assert!(catalog.search("cxd").is_empty());
    let exact = catalog.search("coda");
    assert!(
        exact.iter().all(|provider| provider.display_name().to_lowercase().contains("coda")),
        "{exact:?}"
    );
}

#[test]
fn categories_count_their_providers() {
    let catalog = embedded();
    let categories = catalog.categories();
    assert!(categories.is_sorted());
    let (_, count) = categories.iter().find(|(name, _)| *name == "knowledge-base").unwrap();
    assert!(*count >= 1);
}
