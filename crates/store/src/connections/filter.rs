//! Lists of connections.

use std::sync::Arc;

use dovetail_model::{ConnectionInfo, EnvironmentId, KeyLimits, Tags};

use super::row::{read_info, select};
use crate::limits::DEFAULT_PAGE;
use crate::row::Columns;
use crate::sql::{Statement, contains};
use crate::{Db, StoreError};

/// Which connections (http-api 2.7); all conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Exact public id.
    pub connection_id: Option<String>,
    /// Part of the public id, the end user's name or e-mail, in any case.
    pub search: Option<String>,
    /// One of these integrations, by key; empty = any.
    pub integrations: Vec<String>,
    /// Exact end-user id.
    pub end_user_id: Option<String>,
    /// Exact organisation id.
    pub organization_id: Option<String>,
    /// All of these tags.
    pub tags: Tags,
    /// Only what a limited key reaches.
    pub within: Option<Arc<KeyLimits>>,
    /// Only those with (`true`) or without (`false`) an active problem.
    pub with_errors: Option<bool>,
}

/// Which part of the list.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Connections a page.
    pub limit: i64,
    /// Zero-based number of the page.
    pub number: i64,
}

impl Default for Page {
    /// The first page of 10 000.
    fn default() -> Self {
        Self { limit: DEFAULT_PAGE, number: 0 }
    }
}

fn apply(statement: &mut Statement, environment: EnvironmentId, filter: &Filter) -> Result<(), StoreError> {
    let environment = statement.int(environment.0)?;
    statement.and(&format!("c.environment_id = {environment}"));
    if let Some(id) = &filter.connection_id {
        statement.and_text("c.connection_id =", id)?;
    }
    if let Some(search) = &filter.search {
        let pattern = statement.text(&contains(search))?;
        statement.and(&format!("c.search_text LIKE {pattern} ESCAPE '!'"));
    }
    statement.and_any_of("i.unique_key", &filter.integrations)?;
    if let Some(id) = &filter.end_user_id {
        statement.and_text("u.end_user_id =", id)?;
    }
    if let Some(id) = &filter.organization_id {
        statement.and_text("u.organization_id =", id)?;
    }
    let within = filter.within.as_deref();
    match within.and_then(|limits| limits.integrations.as_ref()) {
        // `and_any_of` takes none for any.
        Some(reached) if reached.is_empty() => statement.and("0 = 1"),
        Some(reached) => statement.and_any_of("i.unique_key", &reached.iter().collect::<Vec<_>>())?,
        None => {}
    }
    for (name, value) in filter.tags.iter().chain(within.into_iter().flat_map(|limits| limits.tags.iter())) {
        let (name, value) = (statement.text(name)?, statement.text(value)?);
        statement.and(&format!(
            "EXISTS (SELECT 1 FROM connection_tags t WHERE t.connection_row = c.id \
             AND t.environment_id = {environment} AND t.name = {name} AND t.value = {value})"
        ));
    }
    match filter.with_errors {
        Some(true) => statement.and("c.auth_error IS NOT NULL"),
        Some(false) => statement.and("c.auth_error IS NULL"),
        None => {}
    }
    Ok(())
}

/// Connections of an environment, newest first. Nothing sealed is opened.
pub async fn list(
    db: &mut impl Db,
    environment: EnvironmentId,
    filter: &Filter,
    page: Page,
) -> Result<Vec<ConnectionInfo>, StoreError> {
    let mut statement = Statement::new(select!());
    apply(&mut statement, environment, filter)?;
    let limit = statement.int(page.limit)?;
    let offset = statement.int(page.number.saturating_mul(page.limit))?;
    statement.push(&format!(" ORDER BY c.created_at DESC, c.id DESC LIMIT {limit} OFFSET {offset}"));
    let rows = statement.query().fetch_all(db.conn()).await?;
    rows.iter().map(read_info).collect()
}

/// How many connections there are.
pub async fn count(db: &mut impl Db, environment: EnvironmentId, filter: &Filter) -> Result<i64, StoreError> {
    let mut statement = Statement::new(
        "SELECT COUNT(*) AS n FROM connections c \
         JOIN integrations i ON i.id = c.integration_id AND i.deleted_at IS NULL \
         LEFT JOIN end_users u ON u.id = c.end_user_row WHERE c.deleted_at IS NULL",
    );
    apply(&mut statement, environment, filter)?;
    statement.query().fetch_one(db.conn()).await?.int("n")
}

/// What `search` looks through, in lower case.
pub(super) fn search_text(connection_id: &str, user: Option<&dovetail_model::EndUser>) -> String {
    let mut text = connection_id.to_lowercase();
    for part in user.into_iter().flat_map(|user| [&user.display_name, &user.email]).flatten() {
        text.push('\n');
        text.push_str(&part.to_lowercase());
    }
    text
}
