//! `/dashboard/{environment}`: from nothing to the first call, with ready commands.

use askama::Template;
use axum::response::Response;
use dovetail_model::OperationKind;
use dovetail_store::connections::{self, Filter, Page};
use dovetail_store::{api_keys, integrations, operations};

use super::connections::detail::example_path;
use super::connections::new::{ORIGIN_DASHBOARD, ORIGIN_TAG};
use super::connections::person::href as connection_href;
use super::error::PageError;
use super::integrations::list::{href, name_of};
use super::page::page;
use super::shell::{Section, Shell};
use super::snippets::{self, Snippet};
use super::visit::{Visit, logo};

/// Services proposed on an empty environment: a key is all they need.
const SUGGESTIONS: [&str; 2] = ["coda", "ordinal"];
/// Integrations named on the page; the list has all.
const SHOWN_INTEGRATIONS: usize = 8;

/// Connections looked at for one that came from the product.
const RECENT_CONNECTIONS: i64 = 25;

/// A service to begin with.
struct Suggestion {
    provider: String,
    name: String,
    logo: String,
}

struct IntegrationLink {
    key: String,
    name: String,
    href: String,
}

#[derive(Template)]
#[template(path = "dashboard/getting_started.html")]
struct GettingStartedPage {
    shell: Shell,
    suggestions: Vec<Suggestion>,
    integrations: Vec<IntegrationLink>,
    connection_href: Option<String>,
    key_exists: bool,
    integration_done: bool,
    connection_done: bool,
    call_done: bool,
    product_done: bool,
    call_snippets: Vec<Snippet>,
    product_snippets: Vec<Snippet>,
}

/// The page; every tick comes from what is stored.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    let catalog = visit.app().catalog.current();
    let mut db = visit.app().store.read().await?;
    let all = integrations::list(&mut db, visit.env()).await?;
    let some = Page { limit: RECENT_CONNECTIONS, number: 0 };
    let recent = connections::list(&mut db, visit.env(), &Filter::default(), some).await?;
    let product_done = recent.iter().any(|info| info.tags.get(ORIGIN_TAG) != Some(ORIGIN_DASHBOARD));
    let newest = recent.into_iter().next();
    let keys = api_keys::list(&mut db, Some(visit.env())).await?;
    let call_done = {
        let proxied = operations::Filter {
            kinds: vec![OperationKind::ProxyCall.kind().to_owned()],
            ..Default::default()
        };
        !operations::list(&mut db, visit.env(), &proxied, 1).await?.is_empty()
    };
    drop(db);

    let base = visit.public_url();
    let first = all.first();
    let key = newest
        .as_ref()
        .map(|info| info.provider_config_key.clone())
        .or_else(|| first.map(|integration| integration.unique_key.clone()))
        .unwrap_or_else(|| SUGGESTIONS[0].to_owned());
    let provider = newest
        .as_ref()
        .map(|info| info.provider.as_str())
        .or_else(|| first.map(|integration| integration.provider.as_str()))
        .unwrap_or(SUGGESTIONS[0]);
    let connection = newest.as_ref().map_or("CONNECTION_ID", |info| info.connection_id.as_str());
    let mut product_snippets = snippets::create_session(base, Some(&key));
    product_snippets.push(snippets::open_connect_page(base));
    page(&GettingStartedPage {
        shell: visit.shell(Section::Start, "Getting started"),
        suggestions: SUGGESTIONS
            .into_iter()
            .filter_map(|id| catalog.get(id))
            .map(|provider| Suggestion {
                provider: provider.id().to_owned(),
                name: provider.display_name.clone(),
                logo: logo(provider.id()),
            })
            .collect(),
        integration_done: !all.is_empty(),
        connection_done: newest.is_some(),
        call_done,
        product_done,
        key_exists: !keys.is_empty(),
        call_snippets: snippets::proxy_call(base, &key, connection, &example_path(catalog.get(provider))),
        product_snippets,
        connection_href: newest
            .as_ref()
            .map(|info| connection_href(&visit, &info.provider_config_key, &info.connection_id)),
        integrations: all
            .iter()
            .take(SHOWN_INTEGRATIONS)
            .map(|integration| IntegrationLink {
                name: name_of(integration, catalog.get(&integration.provider)),
                href: href(&visit, &integration.unique_key),
                key: integration.unique_key.clone(),
            })
            .collect(),
    })
}
