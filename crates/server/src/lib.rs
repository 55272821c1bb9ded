#![doc = include_str!("../README.md")]

pub mod actions;
pub mod api;
pub mod assets;
pub mod auth;
pub mod best_effort;
pub mod call;
mod catalog_answers;
pub mod config;
pub mod connect_ui;
pub mod dashboard;
pub mod guides;
pub mod limits;
mod middleware;
pub mod openapi;
mod popup;
pub mod qs;
mod router;
mod serve;
mod state;
pub mod validate;
pub mod wire;
pub mod workers;

pub use best_effort::CanFail;
pub use call::{Call, Head};
pub use catalog_answers::CatalogAnswers;
pub use config::ServerConfig;
pub use middleware::Passage;
pub use router::{router, service};
pub use serve::serve;
pub use state::{AppState, Foundations, Parts};
pub use wire::{ApiError, ApiResult, ErrorCode};
