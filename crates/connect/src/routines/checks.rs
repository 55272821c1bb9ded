//! Verification routines (auth-modes.md section 22): where a definition's plain request cannot tell good credentials
//! from bad ones. One file a routine.

mod apollo;
mod aws_iam;
mod azure_devops;
mod bitdefender;
mod cdw;
mod check;
mod expensify;
mod lastpass;
mod pushpay_chms_v1;
mod skio;
mod snipe_it;
mod vantage_apparel;

pub(crate) use check::{named, run};
