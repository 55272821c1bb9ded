//! Sentry: tells it that the installation is complete; until then it shows as pending on both sides.

use crate::routines::language::{Ask, Content, Step, Table};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::send(
        "PUT",
        "/api/0/sentry-app-installations/${connectionConfig.installation.uuid}/",
        Content::Json(r#"{"status":"installed"}"#),
    )
    .at("https://sentry.io"),
    &[],
)
.removing(&["pending"])]);
