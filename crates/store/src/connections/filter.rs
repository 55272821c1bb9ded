//! Lists of connections.

use dovetail_model::{ConnectionInfo, EnvironmentId, Tags};
use sqlx::any::AnyArguments;
use sqlx::{Arguments, AssertSqlSafe};

use super::row::{read_info, select};
use crate::limits::DEFAULT_PAGE;
use crate::row::Columns;
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

struct Statement {
    sql: String,
    arguments: AnyArguments,
}

impl Statement {
    fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), arguments: AnyArguments::default() }
    }

    /// Binds a value and gives its placeholder; the text of a statement never holds a value.
    fn text(&mut self, value: &str) -> Result<String, StoreError> {
        self.arguments.add(value.to_owned()).map_err(sqlx::Error::Encode)?;
        Ok(format!("${}", self.arguments.len()))
    }

    fn int(&mut self, value: i64) -> Result<String, StoreError> {
        self.arguments.add(value).map_err(sqlx::Error::Encode)?;
        Ok(format!("${}", self.arguments.len()))
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    fn filter(&mut self, environment: EnvironmentId, filter: &Filter) -> Result<(), StoreError> {
        let environment = self.int(environment.0)?;
        self.and(&format!("c.environment_id = {environment}"));
        if let Some(id) = &filter.connection_id {
            let id = self.text(id)?;
            self.and(&format!("c.connection_id = {id}"));
        }
        if let Some(search) = &filter.search {
            let pattern = self.text(&contains(search))?;
            self.and(&format!("c.search_text LIKE {pattern} ESCAPE '!'"));
        }
        if !filter.integrations.is_empty() {
            let keys = filter.integrations.iter().map(|key| self.text(key)).collect::<Result<Vec<_>, _>>()?;
            self.and(&format!("i.unique_key IN ({})", keys.join(", ")));
        }
        if let Some(id) = &filter.end_user_id {
            let id = self.text(id)?;
            self.and(&format!("u.end_user_id = {id}"));
        }
        if let Some(id) = &filter.organization_id {
            let id = self.text(id)?;
            self.and(&format!("u.organization_id = {id}"));
        }
        for (name, value) in filter.tags.iter() {
            let (name, value) = (self.text(name)?, self.text(value)?);
            self.and(&format!(
                "EXISTS (SELECT 1 FROM connection_tags t WHERE t.connection_row = c.id \
                 AND t.environment_id = {environment} AND t.name = {name} AND t.value = {value})"
            ));
        }
        match filter.with_errors {
            Some(true) => self.and("c.auth_error IS NOT NULL"),
            Some(false) => self.and("c.auth_error IS NULL"),
            None => {}
        }
        Ok(())
    }
}

/// Connections of an environment, newest first. Nothing sealed is opened.
pub async fn list(
    db: &mut impl Db,
    environment: EnvironmentId,
    filter: &Filter,
    page: Page,
) -> Result<Vec<ConnectionInfo>, StoreError> {
    let mut statement = Statement::new(select!());
    statement.filter(environment, filter)?;
    let limit = statement.int(page.limit)?;
    let offset = statement.int(page.number.saturating_mul(page.limit))?;
    statement.sql.push_str(&format!(" ORDER BY c.created_at DESC, c.id DESC LIMIT {limit} OFFSET {offset}"));
    let query = sqlx::query_with(AssertSqlSafe(statement.sql), statement.arguments);
    let rows = query.fetch_all(db.conn()).await?;
    rows.iter().map(read_info).collect()
}

/// How many connections there are.
pub async fn count(db: &mut impl Db, environment: EnvironmentId, filter: &Filter) -> Result<i64, StoreError> {
    let mut statement = Statement::new(
        "SELECT COUNT(*) AS n FROM connections c \
         JOIN integrations i ON i.id = c.integration_id AND i.deleted_at IS NULL \
         LEFT JOIN end_users u ON u.id = c.end_user_row WHERE c.deleted_at IS NULL",
    );
    statement.filter(environment, filter)?;
    let query = sqlx::query_with(AssertSqlSafe(statement.sql), statement.arguments);
    query.fetch_one(db.conn()).await?.int("n")
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

/// A `LIKE` pattern that finds a text literally.
fn contains(search: &str) -> String {
    let mut pattern = String::with_capacity(search.len() + 2);
    pattern.push('%');
    for letter in search.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_letters() {
        assert_eq!(contains("A_b%!"), "%a!_b!%!!%");
    }
}
