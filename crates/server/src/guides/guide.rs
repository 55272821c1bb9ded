//! `GET /guides/{provider}`: one guide as a page, as markdown or as JSON, by its suffix or by
//! what the client accepts.

use axum::extract::{Path, State};
use axum::response::Response;
use dovetail_catalog::{Guide, MarkdownContext, Provider};
use http::HeaderMap;
use http::header::ACCEPT;

use super::answer::{Kind, answer};
use super::{json, page};
use crate::config::ServerConfig;
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult};

/// The handler.
pub(super) async fn guide(
    State(app): State<AppState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (id, kind) = split(&file, &headers);
    let catalog = app.catalog.current();
    let (Some(provider), Some(guide)) = (catalog.get(id), catalog.guide_for(id)) else {
        if kind == Kind::Html {
            return page::missing(&app.config, id, &headers);
        }
        return Err(ApiError::not_found("There is no guide for this provider."));
    };
    let body = match kind {
        Kind::Html => page::render(&app.config, provider, &guide)?,
        Kind::Json => json::guide(&app.config, provider, &guide).to_string(),
        Kind::Markdown | Kind::Text => markdown(&app.config, &guide),
    };
    Ok(answer(kind, body, &headers))
}

/// `coda.md` is coda as markdown; without a suffix the `Accept` header decides.
fn split<'a>(file: &'a str, headers: &HeaderMap) -> (&'a str, Kind) {
    if let Some(id) = file.strip_suffix(".md") {
        return (id, Kind::Markdown);
    }
    if let Some(id) = file.strip_suffix(".json") {
        return (id, Kind::Json);
    }
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    (file, wanted(accept))
}

/// The first of the types we have that the header names; pages for everybody else. Weights are
/// not weighed: no client asks for two of these in earnest.
fn wanted(accept: &str) -> Kind {
    accept
        .split(',')
        .find_map(|part| match part.split(';').next().unwrap_or_default().trim() {
            "text/html" | "application/xhtml+xml" => Some(Kind::Html),
            "text/markdown" | "text/x-markdown" => Some(Kind::Markdown),
            "application/json" => Some(Kind::Json),
            _ => None,
        })
        .unwrap_or(Kind::Html)
}

/// The markdown twin with the note that leads to the index.
pub(super) fn markdown(config: &ServerConfig, guide: &Guide) -> String {
    let index = config.absolute("/llms.txt");
    guide.markdown(&MarkdownContext { index_url: Some(&index), product: None })
}

/// The address of a guide page.
pub(super) fn address(config: &ServerConfig, provider: &Provider) -> String {
    config.absolute(&format!("/guides/{}", provider.id()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_suffix_wins_over_the_header() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
        assert_eq!(split("coda.md", &headers), ("coda", Kind::Markdown));
        assert_eq!(split("coda.json", &headers), ("coda", Kind::Json));
        assert_eq!(split("coda", &headers), ("coda", Kind::Html));
    }

    #[test]
    fn browsers_get_pages_and_agents_get_markdown() {
        for (accept, expected) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", Kind::Html),
            ("text/markdown", Kind::Markdown),
            ("text/markdown, text/html;q=0.5", Kind::Markdown),
            ("application/json", Kind::Json),
            ("*/*", Kind::Html),
            ("", Kind::Html),
        ] {
            assert_eq!(wanted(accept), expected, "{accept}");
        }
    }
}
