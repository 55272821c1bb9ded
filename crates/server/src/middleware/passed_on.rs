//! Marks answers of other servers that are passed on as they are.

/// Extension of a response: it is another server's answer. Middleware adds nothing that could be mistaken for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PassedOn;
