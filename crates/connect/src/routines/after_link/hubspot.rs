//! HubSpot: the portal that was linked; its webhooks name it.

use crate::routines::language::{Ask, Step, Table, Take};

pub(super) const TABLE: Table =
    Table(&[Step::ask(Ask::get("/account-info/v3/details"), &[Take::answer("portalId", "portalId")])]);
