//! `GET /api-catalog.txt`: all providers in one table.

use axum::extract::State;
use axum::response::Response;
use dovetail_catalog::Catalog;
use http::HeaderMap;

use super::answer::{Kind, answer};
use crate::config::ServerConfig;
use crate::state::AppState;

/// The handler.
pub(super) async fn api_catalog(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let answers = app.catalog_answers.of(&app.catalog.current());
    answer(Kind::Text, answers.api_catalog(&app.config), &headers)
}

/// The file as a whole.
pub(crate) fn page(config: &ServerConfig, catalog: &Catalog) -> String {
    format!("# Providers\n\n{}", table(config, catalog))
}

/// Heading, address patterns and the table, sorted by slug.
pub(super) fn table(config: &ServerConfig, catalog: &Catalog) -> String {
    let guide = config.absolute("/guides/{slug}");
    let api = config.absolute("/providers/{slug}");
    let mut out = format!(
        "## Catalogue\n\n> Services whose accounts can be linked, and how each of them authenticates.\n\n\
         Provider count: {}\n\nGuide: {guide}\nDefinition: {api}\n\n\
         | Slug | Name | Auth mode | Docs | Connect | Setup | Categories |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
        catalog.len()
    );
    for provider in catalog.providers() {
        let link = |label: &str, url: Option<&str>| {
            url.filter(|url| !url.is_empty()).map_or_else(String::new, |url| {
                let url = if url.starts_with('/') { config.absolute(url) } else { url.to_owned() };
                format!("[{label}]({url})")
            })
        };
        let connect = format!("/guides/{}", provider.id());
        out.push_str(&format!(
            "| `{}` | {} | {} | {} | {} | {} | {} |\n",
            provider.id(),
            cell(&provider.display_name),
            provider.auth_mode().as_str(),
            link("docs", Some(&provider.docs)),
            link("connect", Some(&connect)),
            link("setup", provider.setup_guide_url.as_deref()),
            cell(&provider.categories.join(", ")),
        ));
    }
    out
}

/// Text that stays in its cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use dovetail_catalog::CatalogHandle;

    use super::*;

    #[test]
    fn the_table_has_one_row_a_provider() {
        let catalog = CatalogHandle::embedded().current();
        let config = ServerConfig::new("https://link.acme.test".parse().unwrap());
        let text = table(&config, &catalog);
        assert_eq!(text.lines().filter(|line| line.starts_with("| `")).count(), catalog.len());
        assert!(text.contains("| `coda` | Coda | API_KEY |"));
        assert!(text.contains("[connect](https://link.acme.test/guides/coda)"));
        assert_eq!(cell("a|b"), "a\\|b");
    }
}
