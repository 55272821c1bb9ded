//! `GET /guides`: all guides, with search and categories. A plain form; no script.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use dovetail_catalog::{Catalog, Listing};
use http::HeaderMap;
use serde::Deserialize;

use super::answer::{Kind, answer};
use super::page::base_path;
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult};

/// Characters of a search that are read: longer ones match nothing anyway.
const LONGEST_QUERY: usize = 100;

/// What is looked for.
#[derive(Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    category: String,
}

#[derive(Template)]
#[template(path = "guides/index.html")]
struct Page<'a> {
    base: &'a str,
    query: &'a str,
    category: &'a str,
    categories: Vec<(&'a str, String, usize)>,
    found: Vec<&'a Listing>,
    total: usize,
    simulate: bool,
}

/// The handler.
pub(super) async fn index(
    State(app): State<AppState>,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let filter = filter.map_or_else(|_| Filter::default(), |Query(filter)| filter);
    let catalog = app.catalog.current();
    let query: String = filter.q.chars().take(LONGEST_QUERY).collect();
    let page = Page {
        base: base_path(&app.config),
        query: query.trim(),
        category: &filter.category,
        categories: catalog.categories().into_iter().map(|(id, count)| (id, words(id), count)).collect(),
        found: find(&catalog, query.trim(), &filter.category),
        total: catalog.len(),
        simulate: app.config.simulates(),
    };
    let html = page.render().map_err(ApiError::internal)?;
    Ok(answer(Kind::Html, html, &headers))
}

/// Providers that fit the words and the category, best first; by name where nothing was typed.
fn find<'a>(catalog: &'a Catalog, query: &str, category: &str) -> Vec<&'a Listing> {
    catalog
        .search(query)
        .into_iter()
        .filter(|provider| category.is_empty() || provider.categories().any(|own| own == category))
        .collect()
}

/// Categories up to this many letters are initials: HR, CRM, ATS.
const INITIALS: usize = 3;

/// `knowledge-base` as people write it.
fn words(id: &str) -> String {
    if id.len() <= INITIALS {
        return id.to_uppercase();
    }
    let text = id.replace(['-', '_'], " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use dovetail_catalog::CatalogHandle;

    use super::*;

    #[test]
    fn search_and_category_narrow_each_other() {
        let catalog = CatalogHandle::embedded().current();
        let ids = |query: &str, category: &str| -> Vec<String> {
            find(&catalog, query, category).iter().map(|provider| provider.id().to_owned()).collect()
        };
        assert_eq!(ids("", "").len(), catalog.len());
        assert_eq!(ids("coda", ""), ["coda"]);
        assert_eq!(ids("coda", "knowledge-base"), ["coda"]);
        assert!(ids("coda", "payment").is_empty());
    }

    #[test]
    fn categories_are_shown_in_words() {
        assert_eq!(words("knowledge-base"), "Knowledge base");
        assert_eq!(words("hr"), "HR");
        assert_eq!(words(""), "");
    }
}
