//! Sellsy: the company that was linked; its webhooks name it.

use crate::routines::language::{Source, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::take(&[Take::new("corpid", Source::Claim("corpId"))])]);
