//! A guide as a page. It works without scripts; every step has an anchor, and the anchors that
//! older links use lead to the same steps.

use std::collections::HashSet;

use askama::Template;
use axum::response::Response;
use dovetail_catalog::{FormContext, Guide, GuideStep, Provider, form_fields, inline_html};
use http::{HeaderMap, StatusCode};

use super::answer::{Kind, answer};
use super::json::summary;
use super::trouble::{Trouble, troubles};
use crate::config::ServerConfig;
use crate::wire::{ApiError, ApiResult};

#[derive(Template)]
#[template(path = "guides/guide.html")]
struct Page<'a> {
    base: &'a str,
    guide: &'a Guide,
    summary: String,
    steps: Vec<Step<'a>>,
    troubles: Vec<Trouble>,
    simulate: bool,
}

struct Step<'a> {
    number: usize,
    step: &'a GuideStep,
    /// Ids of older links that lead here.
    anchors: Vec<String>,
    actions: Vec<String>,
    warnings: Vec<String>,
}

#[derive(Template)]
#[template(path = "guides/missing.html")]
struct Missing<'a> {
    base: &'a str,
    id: &'a str,
    simulate: bool,
}

/// The page of one guide.
pub(super) fn render(config: &ServerConfig, provider: &Provider, guide: &Guide) -> ApiResult<String> {
    let anchors = older_anchors(provider, guide);
    let steps = guide
        .steps
        .iter()
        .zip(anchors)
        .enumerate()
        .map(|(at, (step, anchors))| Step {
            number: at + 1,
            step,
            anchors,
            actions: step.actions.iter().map(|text| inline_html(text)).collect(),
            warnings: step.warnings.iter().map(|text| inline_html(text)).collect(),
        })
        .collect();
    let has_fields = guide.steps.iter().any(|step| !step.gives.is_empty());
    let page = Page {
        base: base_path(config),
        guide,
        summary: summary(guide),
        steps,
        troubles: troubles(&guide.display_name, has_fields),
        simulate: config.simulates(),
    };
    page.render().map_err(ApiError::internal)
}

/// 404 with a way on.
pub(super) fn missing(config: &ServerConfig, id: &str, headers: &HeaderMap) -> ApiResult<Response> {
    let page = Missing { base: base_path(config), id, simulate: config.simulates() };
    let html = page.render().map_err(ApiError::internal)?;
    let mut response = answer(Kind::Html, html, headers);
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

/// What stands before every path of this server, without a slash at its end.
pub(super) fn base_path(config: &ServerConfig) -> &str {
    config.public_url.path().trim_end_matches('/')
}

/// For each step the ids it has besides its own, each id once on the page: the older anchors of
/// the guide, and the `doc_section` of a field where no step knows it.
fn older_anchors(provider: &Provider, guide: &Guide) -> Vec<Vec<String>> {
    let mut taken: HashSet<String> = guide.steps.iter().map(|step| step.id.clone()).collect();
    let mut anchors: Vec<Vec<String>> = guide
        .steps
        .iter()
        .map(|step| step.anchors.iter().filter(|anchor| taken.insert((*anchor).clone())).cloned().collect())
        .collect();
    for field in form_fields(provider, &FormContext::default()) {
        let Some(section) = field.doc_section.as_deref() else { continue };
        let section = section.trim_start_matches('#').to_owned();
        if section.is_empty() || !taken.insert(section.clone()) {
            continue;
        }
        let path = field.path();
        let giving = guide.steps.iter().position(|step| step.gives.iter().any(|gives| gives.path == path));
        if let Some(ids) = giving.and_then(|at| anchors.get_mut(at)) {
            ids.push(section);
        }
    }
    anchors
}

#[cfg(test)]
mod tests {
    use dovetail_catalog::CatalogHandle;

    use super::*;

    fn config() -> ServerConfig {
        ServerConfig::new("https://link.acme.test/dove/".parse().unwrap())
    }

    #[test]
    fn the_anchor_of_every_visible_field_is_on_its_page() {
        let catalog = CatalogHandle::embedded().current();
        for provider in catalog.providers() {
            let html = render(&config(), &provider, &catalog.guide_for(provider.id()).unwrap()).unwrap();
            for field in form_fields(&provider, &FormContext::default()).iter().filter(|field| !field.hidden)
            {
                let Some(section) = field.doc_section.as_deref() else { continue };
                let id = format!("id=\"{}\"", section.trim_start_matches('#'));
                assert_eq!(html.matches(&id).count(), 1, "{}: {section}", provider.id());
            }
        }
    }

    #[test]
    fn links_of_the_page_keep_the_base_path() {
        let catalog = CatalogHandle::embedded().current();
        let html =
            render(&config(), catalog.get("coda").unwrap(), &catalog.guide_for("coda").unwrap()).unwrap();
        assert!(html.contains("href=\"/dove/guides\""), "{html}");
        assert!(!html.contains("href=\"/guides"));
        assert!(!html.contains("<script"));
    }
}
