//! Snipe-IT: lists users. It answers 200 with `status: error` to what a key may not see.

use super::check::{Check, Judged, Refusal, success};
use crate::ask::Heard;
use crate::routines::language::Ask;

/// The base URL ends in `/api/` already.
pub(super) const CHECK: Check = Check { ask: Ask::get("/v1/users?limit=1"), judge };

fn judge(heard: &Heard) -> Judged {
    let accepted = success(heard)?;
    match heard.json() {
        Some(answer) if answer.get("status").is_some_and(|status| status == "error") => {
            let sentence = answer.get("messages").and_then(|messages| messages.as_str());
            Err(Refusal::denied(heard, sentence))
        }
        Some(_) => Ok(accepted),
        // A host that is no Snipe-IT serves a page.
        None => Err(Refusal::unexpected(heard)),
    }
}
