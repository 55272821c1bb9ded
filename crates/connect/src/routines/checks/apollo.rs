//! Apollo answers 200 to every key, and says in the body whether it knows the key.

use serde_json::Value;

use super::check::{Check, Judged, Refusal, success};
use crate::ask::Heard;
use crate::routines::language::Ask;

pub(super) const CHECK: Check = Check { ask: Ask::get("/v1/auth/health"), judge };

fn judge(heard: &Heard) -> Judged {
    let accepted = success(heard)?;
    let knows = heard.json().and_then(|answer| answer.get("is_logged_in").and_then(Value::as_bool));
    if knows == Some(true) { Ok(accepted) } else { Err(Refusal::denied(heard, None)) }
}
