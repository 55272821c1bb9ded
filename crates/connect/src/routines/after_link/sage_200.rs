//! Sage 200: the first site of the user; site and company go with every call.

use crate::routines::language::{Ask, Step, Table, Take, as_text};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/accounts/v1/sites"),
    &[
        Take::answer("company_id", "0.company_id").shaped(as_text),
        Take::answer("site_id", "0.site_id").shaped(as_text),
    ],
)]);
