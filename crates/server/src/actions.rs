//! What the API and the dashboard both do. Callers have authorised; actions decide, write in one transaction, and
//! answer typed results. One module is one noun.

pub(crate) mod after_linked;
pub(crate) mod announce;
pub mod api_keys;
pub(crate) mod audit;
mod await_installation;
pub(crate) mod begin_flow;
pub(crate) mod check_connection;
pub(crate) mod client_book;
pub(crate) mod complete_pending;
pub(crate) mod connection_deed;
pub(crate) mod create_session;
pub mod delete_connection;
pub mod environments;
pub(crate) mod external_id;
pub(crate) mod fields;
pub(crate) mod finish_flow;
pub(crate) mod import_connection;
pub mod integrations;
pub(crate) mod link_account;
pub(crate) mod log_link;
pub(crate) mod pair;
pub(crate) mod refresh_news;
pub(crate) mod revoke_connection;
pub(crate) mod set_metadata;
pub(crate) mod settle_link;
pub mod signing_key;
