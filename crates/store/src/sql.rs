//! Statements whose conditions depend on a filter. Values are always bound; the text never holds one.

use sqlx::any::{Any, AnyArguments};
use sqlx::query::Query;
use sqlx::{Arguments, AssertSqlSafe};

use crate::StoreError;

pub(crate) struct Statement {
    sql: String,
    arguments: AnyArguments,
}

impl Statement {
    /// Begins with a `SELECT … WHERE …` to which conditions are added.
    pub(crate) fn new(sql: &'static str) -> Self {
        Self { sql: sql.to_owned(), arguments: AnyArguments::default() }
    }

    /// Binds a text and gives its placeholder.
    pub(crate) fn text(&mut self, value: &str) -> Result<String, StoreError> {
        self.arguments.add(value.to_owned()).map_err(sqlx::Error::Encode)?;
        Ok(format!("${}", self.arguments.len()))
    }

    /// Binds a number and gives its placeholder.
    pub(crate) fn int(&mut self, value: i64) -> Result<String, StoreError> {
        self.arguments.add(value).map_err(sqlx::Error::Encode)?;
        Ok(format!("${}", self.arguments.len()))
    }

    /// Adds text of ours.
    pub(crate) fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    /// Adds a condition of ours.
    pub(crate) fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    /// Adds `left value`, for instance `created_at < 5`.
    pub(crate) fn and_int(&mut self, left: &'static str, value: i64) -> Result<(), StoreError> {
        let value = self.int(value)?;
        self.and(&format!("{left} {value}"));
        Ok(())
    }

    /// Adds `left value`, for instance `name = 'x'`.
    pub(crate) fn and_text(&mut self, left: &'static str, value: &str) -> Result<(), StoreError> {
        let value = self.text(value)?;
        self.and(&format!("{left} {value}"));
        Ok(())
    }

    /// Adds that a column is one of some texts; none = any.
    pub(crate) fn and_any_of<T: AsRef<str>>(
        &mut self,
        column: &'static str,
        values: &[T],
    ) -> Result<(), StoreError> {
        if values.is_empty() {
            return Ok(());
        }
        let places = values.iter().map(|value| self.text(value.as_ref())).collect::<Result<Vec<_>, _>>()?;
        self.and(&format!("{column} IN ({})", places.join(", ")));
        Ok(())
    }

    /// The finished statement.
    pub(crate) fn query(self) -> Query<'static, Any, AnyArguments> {
        sqlx::query_with(AssertSqlSafe(self.sql), self.arguments)
    }
}

/// A `LIKE … ESCAPE '!'` pattern that finds a text literally, in lower case.
pub(crate) fn contains(search: &str) -> String {
    holding(&search.to_lowercase())
}

/// A `LIKE ... ESCAPE '!'` pattern of texts that hold this one, letter by letter.
pub(crate) fn holding(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
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
