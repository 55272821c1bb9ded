//! Attio: the workspace that was linked; its webhooks name it.

use crate::routines::language::{Ask, Step, Table, Take};

pub(super) const TABLE: Table =
    Table(&[Step::ask(Ask::get("/v2/self"), &[Take::answer("workspace_id", "workspace_id")])]);
