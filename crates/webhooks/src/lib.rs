//! Deliveries to the product.

mod attempt;
mod auth_event;
mod canonical;
pub mod limits;
mod schedule;
mod signature;

pub use attempt::{Attempt, Parcel, attempt};
pub use auth_event::{AuthEvent, AuthFailure, AuthOperation};
pub use canonical::canonical;
pub use schedule::{Outcome, Verdict, verdict};
pub use signature::{
    HMAC_SHA256, LEGACY_SIGNATURE, SigningKeys, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP,
    signature_headers,
};
