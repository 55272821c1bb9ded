//! Linear: the organization that was linked; its webhooks name it.

use crate::routines::language::{Ask, Content, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::send("POST", "/graphql", Content::Json(r#"{"query":"query { organization { id } }"}"#)),
    &[Take::answer("organizationId", "data.organization.id")],
)]);
