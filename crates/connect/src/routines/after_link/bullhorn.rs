//! Bullhorn: the password only went into the authorization URL; it is not kept.

use crate::routines::language::{Step, Table};

pub(super) const TABLE: Table = Table(&[Step::take(&[]).removing(&["username", "password"])]);
