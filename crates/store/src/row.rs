//! Reading columns, with an error that names table and row.

use dovetail_model::Timestamp;
use dovetail_vault::Sealed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::StoreError;

pub(crate) trait Columns {
    fn int(&self, column: &str) -> Result<i64, StoreError>;
    fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError>;
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn opt_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError>;
    fn sealed(&self, column: &str) -> Result<Sealed, StoreError>;

    fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        Ok(Timestamp(self.int(column)?))
    }

    fn opt_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    fn opt_sealed(&self, column: &str) -> Result<Option<Sealed>, StoreError> {
        Ok(self.opt_bytes(column)?.map(Sealed::from_bytes))
    }
}

impl Columns for AnyRow {
    fn int(&self, column: &str) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn opt_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn sealed(&self, column: &str) -> Result<Sealed, StoreError> {
        Ok(Sealed::from_bytes(self.try_get(column)?))
    }
}

/// Reads a JSON column.
pub(crate) fn from_json<T: DeserializeOwned>(
    table: &'static str,
    row: i64,
    column: &str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::inconsistent(table, row, format!("{column} does not read: {error}")))
}

/// Writes a JSON column.
#[expect(clippy::expect_used, reason = "what is stored has text keys and finite numbers")]
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("stored documents serialise")
}
