//! Salesforce: the token answer has said everything.

use crate::routines::language::Table;

pub(super) const TABLE: Table = Table(&[]);
