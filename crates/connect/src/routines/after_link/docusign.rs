//! Docusign: the default account, and the host that it lives at.

use crate::routines::language::{Ask, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/oauth/userinfo").by_name(
        "sandbox",
        "https://account-d.docusign.com",
        "https://account.docusign.com",
    ),
    &[
        Take::answer("baseUri", "accounts.is_default=true.base_uri"),
        Take::answer("accountId", "accounts.is_default=true.account_id"),
    ],
)]);
