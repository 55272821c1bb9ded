//! What happens to every request before and after its handler. None of it decides permissions: handlers do.

mod content_type;
mod cors;
mod last_resort;
mod passage;
mod passed_on;
mod paths;
mod quota;
mod security_headers;
mod trace;

pub(crate) use content_type::guard_content_type;
pub(crate) use cors::cors;
pub(crate) use last_resort::{RequestId, last_resort};
pub(crate) use passage::Passage;
pub(crate) use passed_on::PassedOn;
pub(crate) use paths::{WrittenPath, canonical_path};
pub(crate) use quota::quota;
pub(crate) use security_headers::security_headers;
pub(crate) use trace::trace;
