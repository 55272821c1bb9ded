//! Adobe User Management: every call shows the client id as `x-api-key`.

use crate::routines::language::{Source, Step, Table, Take};

pub(super) const TABLE: Table =
    Table(&[Step::take(&[Take::new("clientId", Source::Credential("client_id"))])]);
