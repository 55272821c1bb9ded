//! HighLevel: the company or location that was chosen at consent; the token answer names it.

use crate::routines::language::{Source, Step, Table, Take};

pub(super) const TABLE: Table = Table(&[Step::take(&[
    Take::new("companyId", Source::Raw("companyId")).optional(),
    Take::new("locationId", Source::Raw("locationId")).optional(),
])]);
