//! CDW: nothing can be read, so an order without content is sent. A good key gets as far as its being refused for that.

use http::StatusCode;

use super::check::{Check, Judged, accepted, success};
use crate::ask::Heard;
use crate::routines::language::{Ask, Content};

pub(super) const CHECK: Check =
    Check { ask: Ask::send("POST", "/v1/customers/orders", Content::Json("{}")), judge };

fn judge(heard: &Heard) -> Judged {
    if heard.status == StatusCode::BAD_REQUEST { Ok(accepted(heard)) } else { success(heard) }
}
