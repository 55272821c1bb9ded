//! Mailchimp: the data centre that the account lives in; it is part of the host.

use crate::routines::language::{Ask, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/oauth2/metadata")
        .at("https://login.mailchimp.com")
        .with(&[("authorization", "OAuth ${accessToken}")]),
    &[Take::answer("dc", "dc")],
)]);
