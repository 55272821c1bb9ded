//! `API_KEY`: a key that the end user pastes (auth-modes.md section 12).

use dovetail_model::Credentials;
use serde_json::{Map, Value};

use super::text;

pub(super) fn credentials(fields: &Map<String, Value>) -> Credentials {
    Credentials::api_key(text(fields, "apiKey"))
}
