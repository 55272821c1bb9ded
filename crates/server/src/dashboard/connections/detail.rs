//! `GET /dashboard/{environment}/connections/{integration}/{connection}`.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_store::connections::{self, SealedConnection};
use http::StatusCode;

use super::person::{Person, href};
use super::renewal::{Renewal, granted_scopes};
use super::warnings::{self, Warnings};
use super::{secrets, timeline};
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::format::When;
use crate::dashboard::integrations::list::href as integration_href;
use crate::dashboard::page::page_with;
use crate::dashboard::parts::{Entry, Item, Status, connection_status};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::snippets::{Snippet, proxy_call, read_connection};
use crate::dashboard::visit::{Visit, logo};

/// The outcome of a check just made.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) tone: &'static str,
    pub(super) icon: &'static str,
    pub(super) title: String,
    pub(super) text: String,
}

/// What this showing of the page adds to the plain one.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub(super) check: Option<Check>,
    pub(super) revealed: bool,
    /// The link for the end user, and the same page on this host.
    pub(super) reconnect: Option<(String, String)>,
    pub(super) errors: FieldErrors,
    pub(super) tags: Option<(Vec<Item>, String)>,
    pub(super) metadata: Option<String>,
    pub(super) webhook_url: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/connections/detail.html")]
struct DetailPage {
    shell: Shell,
    href: String,
    connection_id: String,
    integration: String,
    integration_href: String,
    provider_name: String,
    logo: String,
    user: String,
    status: Status,
    failing: bool,
    check: Option<Check>,
    reconnect_link: Option<String>,
    reconnect_path: String,
    credentials: Vec<Item>,
    revealed: bool,
    config: Vec<Item>,
    snippets: Vec<Snippet>,
    tags: Vec<Item>,
    tags_error: Option<String>,
    metadata: String,
    webhook_url_override: String,
    end_user: Vec<Item>,
    timeline: Vec<Entry>,
    renewal: Renewal,
    warnings: Option<Warnings>,
    scopes: Vec<String>,
    created: When,
    updated: When,
    last_fetched: Option<When>,
    expires: Option<When>,
    errors: FieldErrors,
}

/// The page.
pub(crate) async fn show(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    render(&visit, &connection, StatusCode::OK, Extra::default()).await
}

/// The connection of the path.
pub(super) async fn load(
    visit: &Visit,
    params: &HashMap<String, String>,
) -> Result<SealedConnection, PageError> {
    let param = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let mut db = visit.app().store.read().await?;
    let found = connections::by_key(&mut db, visit.env(), param("integration"), param("connection")).await?;
    found.ok_or_else(|| PageError::not_found("This connection", visit.path("/connections")))
}

/// The page of a connection, after loading it.
pub(super) fn href_of(visit: &Visit, connection: &SealedConnection) -> String {
    href(visit, &connection.info.provider_config_key, &connection.info.connection_id)
}

pub(super) async fn render(
    visit: &Visit,
    connection: &SealedConnection,
    status: StatusCode,
    extra: Extra,
) -> Result<Response, PageError> {
    let info = &connection.info;
    let catalog = visit.app().catalog.current();
    let provider = catalog.get(&info.provider);
    let opened = connection.open()?;
    let user = Person::of(info).name;
    let base = visit.public_url();
    let (key, id) = (&info.provider_config_key, &info.connection_id);
    let mut snippets = proxy_call(base, key, id, &example_path(provider));
    snippets.push(read_connection(base, key, id));
    let (reconnect_link, reconnect_path) = extra.reconnect.unzip();
    let (tags, tags_error) = match extra.tags {
        Some((typed, error)) => (typed, Some(error)),
        None => (info.tags.iter().map(|(name, value)| tag(name, value)).collect(), None),
    };
    let operations = timeline::of(visit, info).await?;
    let status_line = connection_status(!info.errors.is_empty(), info.state, info.refresh, visit.now());
    let page = DetailPage {
        shell: visit.shell(Section::Connections, user.clone()).crumb("Connections", "/connections"),
        href: href_of(visit, connection),
        connection_id: id.clone(),
        integration: key.clone(),
        integration_href: integration_href(visit, key),
        provider_name: provider
            .map_or_else(|| info.provider.clone(), |provider| provider.display_name.clone()),
        logo: logo(&info.provider),
        user,
        failing: status_line.tone == "bad",
        status: status_line,
        check: extra.check,
        reconnect_link,
        reconnect_path: reconnect_path.unwrap_or_default(),
        credentials: secrets::credentials(&opened.credentials, extra.revealed),
        revealed: extra.revealed,
        config: secrets::config(&opened.config, provider, extra.revealed),
        snippets,
        tags: with_empty_rows(tags),
        tags_error,
        metadata: extra.metadata.unwrap_or_else(|| {
            let metadata = info.metadata.clone().unwrap_or_default();
            serde_json::to_string_pretty(&metadata).unwrap_or_default()
        }),
        webhook_url_override: extra.webhook_url.or_else(|| info.webhook_url.clone()).unwrap_or_default(),
        end_user: end_user_items(info),
        timeline: operations.iter().map(|operation| timeline::entry(visit, operation)).collect(),
        renewal: Renewal::of(visit, info, &opened.credentials, &operations),
        warnings: warnings::of(visit, &operations).await?,
        scopes: granted_scopes(&opened.credentials),
        created: visit.when(info.created_at),
        updated: visit.when(info.updated_at),
        last_fetched: info.last_fetched_at.map(|at| visit.when(at)),
        expires: info.credentials_expire_at.map(|at| visit.when(at)),
        errors: extra.errors,
    };
    page_with(status, &page)
}

/// A path that every account of the service can read: the one its key is checked with.
pub(in crate::dashboard) fn example_path(provider: Option<&dovetail_catalog::Provider>) -> String {
    let verification = provider
        .and_then(|provider| provider.proxy.verification.as_ref())
        .filter(|verification| verification.base_url_override.is_none());
    let endpoint =
        verification.and_then(|verification| verification.endpoints.first()).map(|path| path.source());
    endpoint.filter(|path| !path.contains("${")).unwrap_or("/").to_owned()
}

/// Rows of the tag editor: the tags and room for two more.
fn with_empty_rows(mut tags: Vec<Item>) -> Vec<Item> {
    let room = (tags.len() + 2).min(dovetail_model::limits::MAX_TAGS).max(tags.len());
    tags.resize_with(room, || tag("", ""));
    tags
}

pub(super) fn tag(name: &str, value: &str) -> Item {
    Item { name: name.to_owned(), value: value.to_owned(), masked: false }
}

fn end_user_items(info: &dovetail_model::ConnectionInfo) -> Vec<Item> {
    let Some(user) = &info.end_user else { return Vec::new() };
    let organization = user.organization.as_ref();
    [
        ("End user id", Some(&user.id)),
        ("E-mail", user.email.as_ref()),
        ("Organization id", organization.map(|organization| &organization.id)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(tag(name, value.filter(|value| !value.is_empty())?)))
    .collect()
}
