//! Sophos Central: the tenant, and the region whose host its calls go to.

use crate::routines::language::{Ask, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/whoami/v1").at("https://api.central.sophos.com"),
    &[Take::answer("tenantId", "id"), Take::answer("dataRegion", "apiHosts.dataRegion")],
)]);
