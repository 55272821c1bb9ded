#![doc = include_str!("../README.md")]

mod body_shape;
mod call;
mod decompress;
mod error;
mod exchange;
mod forward;
mod hop_by_hop;
pub mod limits;
mod making;
mod peek;
mod policy;
mod replay;
mod request_headers;
mod response_headers;
mod retry;
mod retry_body;
mod retry_wait;
mod secrecy;
pub mod trailers;

pub use call::{
    AttemptRecord, Observe, ProxyCall, Renew, RenewFuture, Target, Unobserved, needs_integration,
};
pub use error::ProxyError;
pub use forward::Proxy;
pub use policy::{ANY_HOST, ProxyPolicy};
pub use request_headers::{CallerHeaders, HeaderIssue};
pub use response_headers::{ATTEMPTS, ERROR, REFRESHED};
