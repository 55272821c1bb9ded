//! One file a route, in the order of their paths.

mod around;
mod auth;
mod config;
mod env_js;
mod environment_api_keys;
mod environment_variables;
mod environment_webhook_signing_key;
mod environments;
mod health;
mod hostile;
mod images;
mod integrations;
mod openapi;
mod providers;
mod proxy;
mod rate_limit;
mod root;
