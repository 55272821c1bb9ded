//! `BASIC`: user name and password, either of which may be empty (auth-modes.md section 12).

use dovetail_model::Credentials;
use serde_json::{Map, Value};

use super::text;

pub(super) fn credentials(fields: &Map<String, Value>) -> Credentials {
    Credentials::basic(text(fields, "username"), text(fields, "password"))
}
