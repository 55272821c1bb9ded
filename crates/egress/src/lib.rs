#![doc = include_str!("../README.md")]

mod address;
mod body;
mod client;
mod config;
mod connector;
mod error;
mod identity;
pub mod limits;
mod policy;
mod pool;
pub mod redirect;
mod resolve;
mod simulate;
mod tls;
mod wait;

pub use address::{AddressClass, classify};
pub use body::{Body, BoxError, RequestBodyError, ResponseBody, collect};
pub use client::{Client, FinalUrl, Head, SendOptions};
pub use config::EgressConfig;
pub use error::{BlockReason, EgressError, Phase, SetupError};
pub use identity::Identity;
pub use ipnet::IpNet;
pub use policy::AddressPolicy;
pub use redirect::Redirects;
pub use resolve::{Resolve, ResolveFuture, SystemResolver};
pub use simulate::SIMULATED_URL;
