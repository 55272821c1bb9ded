//! Microsoft Teams: the tenant that was linked; its webhooks name it.

use crate::routines::language::{Source, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::take(&[Take::new("tenantId", Source::Claim("tid"))])]);
