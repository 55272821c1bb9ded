//! The dashboard through its router, as a browser without scripts sees it.

mod account;
mod activity;
mod browser;
mod connections;
mod environments;
mod forms;
mod integration_client;
mod integrations;
mod key_limits;
mod people;
mod refresh_now;
mod seal;
mod settings;
mod webhooks;
