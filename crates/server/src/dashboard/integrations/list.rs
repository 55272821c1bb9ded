//! `GET /dashboard/{environment}/integrations`.

use askama::Template;
use axum::response::Response;
use dovetail_model::Integration;
use dovetail_store::integrations;

use crate::actions::integrations::missing_fields;
use crate::dashboard::error::PageError;
use crate::dashboard::format::{When, segment};
use crate::dashboard::page::page;
use crate::dashboard::parts::{Query, mode_label};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::snippets;
use crate::dashboard::visit::{Visit, logo};

struct Row {
    name: String,
    key: String,
    logo: String,
    mode: &'static str,
    missing: Option<String>,
    connections: i64,
    href: String,
    connections_href: String,
    created: When,
}

#[derive(Template)]
#[template(path = "dashboard/integrations/list.html")]
struct ListPage {
    shell: Shell,
    query: String,
    total: usize,
    rows: Vec<Row>,
    command: String,
}

/// All integrations of the environment, or those that match `?q=`.
pub(crate) async fn list(visit: Visit) -> Result<Response, PageError> {
    let query = visit.query("q");
    let catalog = visit.app().catalog.current();
    let mut db = visit.app().store.read().await?;
    let all = integrations::list(&mut db, visit.env()).await?;
    let total = all.len();
    let mut rows = Vec::new();
    for integration in all {
        let provider = catalog.get(&integration.provider);
        let name = name_of(&integration, provider);
        let words = format!("{name} {} {}", integration.unique_key, integration.provider).to_lowercase();
        if !words.contains(&query.to_lowercase()) {
            continue;
        }
        let connections = integrations::connection_count(&mut db, visit.env(), integration.id).await?;
        let filter = Query::default().with("integration", &integration.unique_key);
        rows.push(Row {
            name,
            logo: logo(&integration.provider),
            mode: provider.map_or("Missing definition", |provider| mode_label(provider.auth_mode())),
            missing: provider
                .map(|provider| missing_fields(provider, &integration).join(", "))
                .filter(|missing| !missing.is_empty()),
            connections,
            href: href(&visit, &integration.unique_key),
            connections_href: filter.of(&visit.path("/connections")),
            created: visit.when(integration.created_at),
            key: integration.unique_key,
        });
    }
    let command = snippets::create_integration(visit.public_url(), "coda");
    page(&ListPage { shell: visit.shell(Section::Integrations, "Integrations"), query, total, rows, command })
}

/// The page of an integration.
pub(in crate::dashboard) fn href(visit: &Visit, key: &str) -> String {
    visit.path(&format!("/integrations/{}", segment(key)))
}

/// The name people read.
pub(in crate::dashboard) fn name_of(
    integration: &Integration,
    provider: Option<&dovetail_catalog::Provider>,
) -> String {
    let of_provider = || provider.map(|provider| provider.display_name.clone());
    integration.display_name.clone().or_else(of_provider).unwrap_or_else(|| integration.provider.clone())
}
