//! Where the database is.

use std::path::{Path, PathBuf};

use dovetail_model::Secret;

use crate::OpenError;
use crate::dialect::Dialect;

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// `sqlite:…` or `postgres://…`; secret because it may hold a password.
    pub(crate) url: Secret,
    pub(crate) dialect: Dialect,
    /// The SQLite file; `None` for PostgreSQL.
    file: Option<PathBuf>,
}

impl StoreConfig {
    /// A SQLite file; it is made if it is missing, its folder is not.
    pub fn sqlite(file: &Path) -> Self {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let mut url = String::from("sqlite://");
        for byte in file.to_string_lossy().bytes() {
            if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
                url.push(char::from(byte));
            } else {
                url.push_str(&format!("%{byte:02X}"));
            }
        }
        url.push_str("?mode=rwc");
        Self { url: Secret::new(url), dialect: Dialect::Sqlite, file: Some(file) }
    }

    /// A database by its URL: `postgres://…`, `postgresql://…` or `sqlite:…`.
    pub fn from_url(url: &Secret) -> Result<Self, OpenError> {
        let text = url.expose();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self { url: url.clone(), dialect: Dialect::Postgres, file: None });
        }
        let Some(file) = text.strip_prefix("sqlite:") else { return Err(OpenError::UnknownDatabase) };
        let file = file.strip_prefix("//").unwrap_or(file);
        let file = file.split_once('?').map_or(file, |(file, _)| file);
        if file.is_empty() || file == ":memory:" {
            return Err(OpenError::UnknownDatabase);
        }
        Ok(Self::sqlite(Path::new(file)))
    }

    pub(crate) fn file_exists(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.exists())
    }

    /// `SQLite` or `PostgreSQL`, for people.
    pub fn database_name(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_may_hold_any_character() {
        let config = StoreConfig::sqlite(Path::new("/data/a b#c?d%/x.db"));
        assert_eq!(config.url.expose(), "sqlite:///data/a%20b%23c%3Fd%25/x.db?mode=rwc");
    }

    #[test]
    fn only_the_two_databases_are_known() {
        assert!(StoreConfig::from_url(&"mysql://x".into()).is_err());
        assert!(StoreConfig::from_url(&"sqlite::memory:".into()).is_err());
        assert_eq!(StoreConfig::from_url(&"postgres://h/d".into()).unwrap().database_name(), "PostgreSQL");
        assert_eq!(StoreConfig::from_url(&"sqlite:/a/b.db".into()).unwrap().database_name(), "SQLite");
    }
}
