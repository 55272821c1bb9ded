//! Procore: a company, unless one was chosen; it goes with every call.

use crate::routines::language::{Ask, Step, Table, Take, as_text};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/rest/v1.0/companies"),
    &[Take::answer("companyId", "0.id").shaped(as_text).only_if_missing()],
)]);
