//! Input fields: what a form asks, and what is accepted (providers.md section 3).
//!
//! One list serves the Connect page, the guides and the server, so that they cannot disagree.

mod accept;
mod base;
mod form;
mod integration;
mod rules;

pub use accept::{Accepted, Submission, validate};
pub use form::{Field, FieldGroup, FormContext, form_fields};
pub use integration::{PatchKind, validate_integration_config};
pub use rules::{FieldIssue, IssueRule};

pub(crate) use base::base_field_names;
pub(crate) use rules::fits;
