#![doc = include_str!("../README.md")]

mod attempt;
mod auth_event;
mod canonical;
mod deliver;
mod enqueue;
pub mod limits;
mod schedule;
mod signature;
mod worker;

pub use attempt::{Attempt, Parcel, attempt};
pub use auth_event::{AuthEvent, AuthFailure, AuthOperation};
pub use canonical::canonical;
pub use deliver::{DeliverError, Watch};
pub use enqueue::{Subject, enqueue_auth};
pub use schedule::{Outcome, Verdict, verdict};
pub use signature::{
    HMAC_SHA256, LEGACY_SIGNATURE, SigningKeys, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP,
    signature_headers,
};
pub use worker::Worker;
