//! `/dashboard/{environment}/webhooks`.

pub(crate) mod detail;
pub(crate) mod list;
