//! Skio: GraphQL; a refusal is a 200 without data.

use serde_json::Value;

use super::check::{Check, Judged, Refusal, success};
use crate::ask::Heard;
use crate::routines::language::{Ask, Content};

pub(super) const CHECK: Check = Check {
    ask: Ask::send("POST", "/v1/graphql", Content::Json(r#"{"query":"query { Orders(limit: 1) { id } }"}"#)),
    judge,
};

fn judge(heard: &Heard) -> Judged {
    let accepted = success(heard)?;
    let listed = heard.json().and_then(|answer| answer.pointer("/data/Orders").map(Value::is_array));
    if listed == Some(true) { Ok(accepted) } else { Err(Refusal::denied(heard, None)) }
}
