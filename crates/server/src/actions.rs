//! What the API and the dashboard both do. Callers have authorised; actions decide, write in one transaction, and
//! answer typed results. One module is one noun.

pub mod api_keys;
pub(crate) mod audit;
pub mod environments;
pub mod integrations;
pub mod signing_key;
