//! Signatures of messages: HMAC-SHA256 over the bytes as they came, in hexadecimal digits.

use aws_lc_rs::hmac;
use dovetail_model::Secret;

use super::Reply;
use crate::call::Call;

/// Refuses a message that this secret has not signed. `header` holds the digits, after `prefix`.
pub(super) fn check(call: &Call, header: &str, prefix: &str, secret: Option<&Secret>) -> Result<(), Reply> {
    let Some(given) = call.header(header).filter(|given| !given.is_empty()) else {
        return Err(Reply::Unsigned("Missing webhook signature"));
    };
    let wrong = Reply::Unsigned("Invalid webhook signature");
    let Some(secret) = secret.filter(|secret| !secret.is_empty()) else { return Err(wrong) };
    let Some(given) = given.trim().strip_prefix(prefix).and_then(|digits| hex::decode(digits).ok()) else {
        return Err(wrong);
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    hmac::verify(&key, &call.body.bytes(), &given).map_err(|_| wrong)
}
