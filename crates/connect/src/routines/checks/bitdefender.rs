//! Bitdefender GravityZone: JSON-RPC; asks for the details of the key itself.

use super::check::{Check, success};
use crate::routines::language::{Ask, Content};

pub(super) const CHECK: Check = Check {
    ask: Ask::send(
        "POST",
        "/v1.0/jsonrpc/general",
        Content::Json(r#"{"jsonrpc":"2.0","method":"getApiKeyDetails","params":{},"id":"1"}"#),
    ),
    judge: success,
};
