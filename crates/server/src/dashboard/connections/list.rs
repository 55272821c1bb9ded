//! `GET /dashboard/{environment}/connections`.

use askama::Template;
use axum::response::Response;
use dovetail_model::{ConnectionInfo, Tags};
use dovetail_store::connections::{self, Filter, Page};
use dovetail_store::integrations;

use super::person::{Person, href};
use crate::dashboard::error::PageError;
use crate::dashboard::format::When;
use crate::dashboard::integrations::list::href as integration_href;
use crate::dashboard::limits::PAGE_ROWS;
use crate::dashboard::page::page;
use crate::dashboard::parts::{PageNumber, Pages, Query, Status, connection_status};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::snippets;
use crate::dashboard::visit::{Visit, logo};

struct Row {
    href: String,
    user: String,
    user_second: Option<String>,
    integration: String,
    integration_href: String,
    logo: String,
    connection_id: String,
    status: Status,
    created: When,
}

#[derive(Template)]
#[template(path = "dashboard/connections/list.html")]
struct ListPage {
    shell: Shell,
    query: String,
    integration: String,
    integrations: Vec<String>,
    status: String,
    tag: String,
    tag_error: bool,
    filtered: bool,
    rows: Vec<Row>,
    pages: Pages,
    command: String,
}

/// Connections by `?q=`, `?integration=`, `?status=` and `?tag=name=value`, newest first.
pub(crate) async fn list(visit: Visit) -> Result<Response, PageError> {
    let [query, integration, status, tag] =
        ["q", "integration", "status", "tag"].map(|name| visit.query(name));
    let number = PageNumber::parse(&visit.query("page"));
    let tags = parse_tag(&tag);
    let filter = Filter {
        search: Some(query.clone()).filter(|text| !text.is_empty()),
        integrations: Some(integration.clone()).filter(|key| !key.is_empty()).into_iter().collect(),
        tags: tags.clone().unwrap_or_default(),
        with_errors: match status.as_str() {
            "ok" => Some(false),
            "error" => Some(true),
            _ => None,
        },
        ..Filter::default()
    };
    let mut db = visit.app().store.read().await?;
    let keys = integrations::list(&mut db, visit.env()).await?;
    let (mut found, more) =
        if tags.is_some() { page_of(&mut db, &visit, &filter, number).await? } else { (Vec::new(), false) };
    let filters = Query::default()
        .with("q", &query)
        .with("integration", &integration)
        .with("status", &status)
        .with("tag", &tag);
    let rows: Vec<Row> = found.drain(..).map(|info| row(&visit, info)).collect();
    page(&ListPage {
        shell: visit.shell(Section::Connections, "Connections"),
        filtered: filters != Query::default(),
        pages: number.links(&visit.path("/connections"), &filters, rows.len(), more),
        integrations: keys.into_iter().map(|integration| integration.unique_key).collect(),
        tag_error: tags.is_none(),
        command: snippets::create_session(visit.public_url(), None)
            .into_iter()
            .next()
            .map(|snippet| snippet.code)
            .unwrap_or_default(),
        query,
        integration,
        status,
        tag,
        rows,
    })
}

/// One page, and whether another follows. The row after the last tells without counting all.
async fn page_of(
    db: &mut dovetail_store::Reader,
    visit: &Visit,
    filter: &Filter,
    number: PageNumber,
) -> Result<(Vec<ConnectionInfo>, bool), PageError> {
    let limit = i64::from(PAGE_ROWS);
    let this = Page { limit, number: i64::from(number.index()) };
    let rows = connections::list(db, visit.env(), filter, this).await?;
    let full = rows.len() == PAGE_ROWS as usize;
    // Pages of one row: the one at the place where the next page begins.
    let next = Page { limit: 1, number: (this.number + 1) * limit };
    let more = full && !connections::list(db, visit.env(), filter, next).await?.is_empty();
    Ok((rows, more))
}

/// Reads `name=value`; the empty text filters nothing, anything else is `None`.
fn parse_tag(text: &str) -> Option<Tags> {
    if text.is_empty() {
        return Some(Tags::default());
    }
    let (name, value) = text.split_once('=')?;
    Tags::parse([(name.trim(), value.trim())]).ok()
}

fn row(visit: &Visit, info: ConnectionInfo) -> Row {
    let person = Person::of(&info);
    Row {
        href: href(visit, &info.provider_config_key, &info.connection_id),
        user: person.name,
        user_second: person.second,
        integration_href: integration_href(visit, &info.provider_config_key),
        logo: logo(&info.provider),
        status: connection_status(!info.errors.is_empty(), info.state, info.refresh, visit.now()),
        created: visit.when(info.created_at),
        integration: info.provider_config_key,
        connection_id: info.connection_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_filter_names_and_equals() {
        assert_eq!(parse_tag(""), Some(Tags::default()));
        assert_eq!(parse_tag("Team = ops").unwrap().get("team"), Some("ops"));
        assert_eq!(parse_tag("team"), None);
        assert_eq!(parse_tag("team="), None);
    }
}
