//! Forwards one call with one connection's credentials.

mod error;
mod hop_by_hop;
pub mod limits;
mod replay;
mod request_headers;
mod response_headers;
mod retry;
mod retry_wait;

pub use error::ProxyError;
pub use request_headers::{CallerHeaders, HeaderIssue};
pub use response_headers::{ATTEMPTS, ERROR, REFRESHED};
