//! Azure DevOps answers 203 with its sign-in page to a bad token.

use super::check::{Check, Judged, Refusal, success};
use crate::ask::Heard;
use crate::routines::language::Ask;

pub(super) const CHECK: Check = Check { ask: Ask::get("/_apis/projects"), judge };

fn judge(heard: &Heard) -> Judged {
    let accepted = success(heard)?;
    if heard.status == http::StatusCode::OK { Ok(accepted) } else { Err(Refusal::denied(heard, None)) }
}
