//! `/integrations` and everything below it.

mod create;
mod delete;
mod get;
mod list;
mod quickstart;
mod update;

use serde_json::{Value, json};

/// A provider of the embedded catalogue whose auth mode is API_KEY.
const API_KEY_PROVIDER: &str = "coda";

/// An overlay provider whose auth mode is OAUTH2, with default scopes.
const OAUTH2_PROVIDER: &str = "kit-oauth2";

fn oauth2(extra: Value) -> Value {
    let mut credentials = json!({ "type": "OAUTH2", "client_id": "id", "client_secret": "secret" });
    credentials.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({ "provider": OAUTH2_PROVIDER, "unique_key": "oauth", "credentials": credentials })
}
