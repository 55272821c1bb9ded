//! Candis: the organization that was linked; its paths name it.

use crate::routines::language::{Ask, Step, Table, Take};

pub(super) const TABLE: Table =
    Table(&[Step::ask(Ask::get("/v1/organizations/info"), &[Take::answer("organizationId", "id")])]);
