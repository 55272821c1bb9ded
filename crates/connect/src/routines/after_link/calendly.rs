//! Calendly: the organization that was linked; its webhooks name it.

use crate::routines::language::{Ask, Step, Table, Take, last_segment};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/users/me"),
    &[Take::answer("organizationId", "resource.current_organization").shaped(last_segment)],
)]);
