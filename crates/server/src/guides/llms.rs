//! `GET /llms.txt` and `GET /llms-full.txt`: the guides for language models and search.

use axum::extract::State;
use axum::response::Response;
use dovetail_catalog::{Catalog, MarkdownContext};
use http::HeaderMap;

use super::answer::{Kind, answer};
use super::catalogue;
use super::json::summary;
use crate::config::ServerConfig;
use crate::state::AppState;

/// The index.
pub(super) async fn llms(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let answers = app.catalog_answers.of(&app.catalog.current());
    answer(Kind::Text, answers.llms(&app.config), &headers)
}

/// Everything in one file.
pub(super) async fn llms_full(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let answers = app.catalog_answers.of(&app.catalog.current());
    answer(Kind::Text, answers.llms_full(&app.config), &headers)
}

pub(crate) fn index(config: &ServerConfig, catalog: &Catalog) -> String {
    let url = |path: &str| config.absolute(path);
    let mut out = String::from("# Dovetail\n\n");
    out.push_str(
        "> Dovetail links end users' accounts at other services to a product, keeps their credentials \
         sealed and fresh, and forwards calls to those services. These pages tell an end user where to \
         find the values that a link form asks for.\n\n",
    );
    out.push_str(&format!("All guides in one file: {}\n", url("/llms-full.txt")));
    out.push_str(&format!("All providers in one table: {}\n", url("/api-catalog.txt")));
    out.push_str(&format!("Description of the HTTP API (OpenAPI): {}\n", url("/openapi.json")));
    out.push_str(&format!("Guide of one provider, as markdown: {}\n", url("/guides/{slug}.md")));
    out.push_str(&format!("Guide of one provider, as JSON: {}\n", url("/guides/{slug}.json")));
    out.push_str("\n## Guides\n\n");
    for provider in catalog.providers() {
        let guide = catalog.guide_of(&provider);
        let address = url(&format!("/guides/{}.md", provider.id()));
        out.push_str(&format!(
            "- [{}]({address}): {}\n",
            escape(&provider.display_name),
            one_line(&summary(&guide))
        ));
    }
    out.push_str("\n## APIs and integrations\n\n");
    out.push_str(&format!("- [Catalogue of {} providers]({})\n", catalog.len(), url("/api-catalog.txt")));
    out
}

pub(crate) fn full(config: &ServerConfig, catalog: &Catalog) -> String {
    let mut out = String::from("# Dovetail: all guides\n");
    for provider in catalog.providers() {
        let guide = catalog.guide_of(&provider);
        out.push_str(&format!(
            "\n## {}\n\nSource: {}\nDescription: {}\n\n",
            guide.title(),
            config.absolute(&format!("/guides/{}.md", provider.id())),
            one_line(&summary(&guide))
        ));
        let text = guide.markdown(&MarkdownContext::default());
        // The title is the heading above; the headings below it go one level down.
        for line in text.lines().filter(|line| !line.starts_with("# ")) {
            if line.starts_with("## ") {
                out.push('#');
            }
            out.push_str(line);
            out.push('\n');
        }
    }
    out.push('\n');
    out.push_str(&catalogue::table(config, catalog));
    out
}

/// A name as the text of a markdown link.
fn escape(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use dovetail_catalog::CatalogHandle;

    use super::*;

    fn config() -> ServerConfig {
        ServerConfig::new("https://link.acme.test".parse().unwrap())
    }

    #[test]
    fn the_index_lists_every_guide_with_an_absolute_address() {
        let catalog = CatalogHandle::embedded().current();
        let text = index(&config(), &catalog);
        assert!(text.starts_with("# Dovetail\n\n> "));
        assert_eq!(text.matches("\n- [").count(), catalog.len() + 1);
        assert!(text.contains("- [Coda](https://link.acme.test/guides/coda.md): "));
        assert!(text.lines().all(|line| !line.contains("](/")));
    }

    #[test]
    fn the_full_text_holds_each_guide_once() {
        let catalog = CatalogHandle::embedded().current();
        let text = full(&config(), &catalog);
        assert_eq!(text.matches("\nSource: https://link.acme.test/guides/").count(), catalog.len());
        assert_eq!(text.lines().filter(|line| line.starts_with("# ")).count(), 1);
        assert!(text.contains("Generate API Token"));
    }

    #[test]
    fn brackets_of_names_are_escaped() {
        assert_eq!(escape("a [b]\nc"), "a \\[b\\] c");
    }
}
