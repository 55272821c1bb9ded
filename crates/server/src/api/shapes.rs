//! Values that several routes read or answer: tags, end users, webhook targets, credentials, connections.

pub(crate) mod connection;
mod date;
mod end_user;
mod import_credentials;
mod success;
mod tags;
mod webhook_url;

pub(crate) use date::{FURTHEST_MS, date};
pub(crate) use end_user::{end_user, organization};
pub(crate) use import_credentials::{Submitted, import_credentials};
pub(crate) use success::Success;
pub(crate) use tags::tags;
pub(crate) use webhook_url::webhook_url;
