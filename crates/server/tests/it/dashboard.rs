//! The dashboard through its router, as a browser without scripts sees it.

mod account;
mod browser;
mod connections;
mod environments;
mod forms;
mod integration_client;
mod integrations;
mod settings;
mod webhooks;
