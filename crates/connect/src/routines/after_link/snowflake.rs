//! Snowflake: the name of the user who linked the account.

use crate::routines::language::{Ask, Content, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::send(
        "POST",
        "/api/v2/statements",
        Content::Json(r#"{"statement":"SELECT CURRENT_USER()","timeout":10}"#),
    )
    .with(&[("accept", "application/json")]),
    &[Take::answer("username", "data.0.0")],
)]);
