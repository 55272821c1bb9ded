#![doc = include_str!("../README.md")]

mod answer;
mod carrier;
mod control;
mod demo;
mod directory;
mod fault;
pub mod limits;
mod oauth;
mod pattern;
mod provider;
mod received;
mod recognise;
mod reset;
mod routines;
mod signature;
mod simulator;
mod sink;
mod site;
mod target;
mod tools;
mod verification;

pub use answer::SIMULATED;
pub use demo::DemoCredential;
pub use fault::{Fault, FaultError, FaultRule, Match, SlowBody};
pub use provider::{MOCK_FAULT, MOCK_STATUS};
pub use simulator::{MockConfig, Simulator};
pub use sink::Delivery;
pub use target::SIMULATED_URL;
