//! One file a route, in the order of their paths.

mod api_auth;
mod around;
mod auth;
mod auth_endpoints;
mod config;
mod connect_session;
mod connect_sessions;
mod connect_telemetry;
mod connections;
mod connections_create;
mod connections_metadata;
mod env_js;
mod environment_api_keys;
mod environment_variables;
mod environment_webhook_signing_key;
mod environments;
mod health;
mod hostile;
mod images;
mod integrations;
mod metrics;
mod openapi;
mod providers;
mod proxy;
mod rate_limit;
mod root;
