//! What happens to every request before and after its handler. None of it decides permissions: handlers do.

mod content_type;
mod cors;
mod last_resort;
mod passage;
mod passed_on;
mod paths;
mod security_headers;
mod trace;

pub use passage::Passage;
pub(crate) use passed_on::PassedOn;
pub(crate) use paths::WrittenPath;
pub(crate) use trace::trace;

use last_resort::RequestId;
