//! `{"success":true}`.

use serde::Serialize;
use utoipa::ToSchema;

/// Says that it was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Success {
    success: bool,
}

impl Success {
    /// It was done.
    pub(crate) const fn new() -> Self {
        Self { success: true }
    }
}
