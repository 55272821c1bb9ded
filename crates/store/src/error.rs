//! What can go wrong in here.

use dovetail_vault::UnknownRootKey;

/// A failure of the database, or of what it holds. Never shown to callers: 5xx, but for [`StoreError::refuses_text`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not do as it was told.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A row holds a combination of values that no state has.
    #[error("inconsistent row {row} of table {table}: {what}")]
    Inconsistent {
        /// Table name.
        table: &'static str,
        /// Row id.
        row: String,
        /// What does not fit.
        what: String,
    },
    /// A sealed value does not open.
    #[error("{table}.{column} of row {row}: {source}")]
    Sealed {
        /// Table name.
        table: &'static str,
        /// Column name.
        column: &'static str,
        /// Row id.
        row: i64,
        /// Why.
        source: dovetail_vault::OpenError,
    },
    /// The process is shutting down; whether the transaction was committed is not known.
    #[error("interrupted while committing")]
    Interrupted,
    /// An environment has no active data key: its rows cannot have been made by this program.
    #[error("environment {0} has no active data key")]
    NoDataKey(i64),
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database URL is neither SQLite nor PostgreSQL.
    #[error("the database URL must begin with sqlite: or postgres:")]
    UnknownDatabase,
    /// It cannot be reached or opened.
    #[error("cannot open the database: {0}")]
    Connect(sqlx::Error),
    /// A migration failed and was rolled back.
    #[error("migration {name} failed: {source}")]
    Migration {
        /// The migration's name.
        name: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// A migration that was applied reads differently now.
    #[error("migration {version} was applied with other contents; this program does not fit this database")]
    ChangedMigration {
        /// The migration's number.
        version: i64,
    },
    /// The data is sealed under another root key.
    #[error(
        "{0}. Give the key the data was made with (DOVETAIL_ENCRYPTION_KEY or the key file of its data \
         folder), or use an empty database. Nothing was changed"
    )]
    WrongKey(#[from] UnknownRootKey),
    /// Anything else while reading what is needed at start.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// SQLSTATE `character_not_in_repertoire`.
const REFUSED_TEXT: &str = "22021";

impl StoreError {
    /// Whether the database refused a text that was given to it: PostgreSQL keeps no NUL characters.
    pub fn refuses_text(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| code == REFUSED_TEXT)
    }

    pub(crate) fn inconsistent(table: &'static str, row: impl ToString, what: impl Into<String>) -> Self {
        Self::Inconsistent { table, row: row.to_string(), what: what.into() }
    }
}
