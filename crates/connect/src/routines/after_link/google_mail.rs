//! Gmail: a hash of the address, by which its notifications find the connection.

use crate::routines::language::{Ask, Step, Table, Take};

use crate::routines::email_address_hash;
use serde_json::Value;

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/gmail/v1/users/me/profile").at("https://gmail.googleapis.com"),
    &[Take::answer("emailAddressHash", "emailAddress").shaped(hashed)],
)]);

pub(super) fn hashed(address: &Value) -> Option<Value> {
    address.as_str().filter(|address| !address.trim().is_empty()).map(email_address_hash).map(Value::from)
}
