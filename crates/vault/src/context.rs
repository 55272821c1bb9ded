//! The place a sealed value belongs to.

use dovetail_model::EnvironmentId;

/// Where a sealed value is stored: part of its associated data, so that it opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// Table name.
    pub table: &'static str,
    /// Row id.
    pub row: i64,
    /// Column name.
    pub column: &'static str,
    /// The environment of the row.
    pub environment: EnvironmentId,
}

impl Context {
    /// The associated data (RFC 5116 2.1): every part with its length before it, so that no two places read
    /// alike, and the value's own header.
    pub(crate) fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        let mut data = Vec::with_capacity(96);
        let mut put = |part: &[u8]| {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        };
        put(b"dovetail sealed value");
        put(self.table.as_bytes());
        put(&self.row.to_be_bytes());
        put(self.column.as_bytes());
        put(&self.environment.0.to_be_bytes());
        put(header);
        data
    }
}
