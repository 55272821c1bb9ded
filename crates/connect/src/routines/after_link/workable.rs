//! Workable: the subdomain of the first account, unless it was given; it is part of the host.

use crate::routines::language::{Ask, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/spi/v3/accounts").at("https://www.workable.com"),
    &[Take::answer("subdomain", "accounts.0.subdomain").only_if_missing()],
)]);
