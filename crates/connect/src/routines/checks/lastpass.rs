//! LastPass Enterprise: the credentials are part of the body; 200 to everything, a refusal is a word in the body.

use dovetail_catalog::outgoing::CredentialView;
use serde_json::json;

use super::check::{Check, Judged, Refusal, success};
use crate::ask::Heard;
use crate::routines::language::{Ask, Content};

pub(super) const CHECK: Check =
    Check { ask: Ask::send("POST", "/enterpriseapi.php", Content::Of("application/json", user_data)), judge };

fn user_data(credentials: &CredentialView) -> String {
    let part = |name| credentials.text(name).unwrap_or_default();
    json!({"cid": part("username"), "provhash": part("password"), "cmd": "getuserdata"}).to_string()
}

fn judge(heard: &Heard) -> Judged {
    const REFUSED: &str = "Authorization Error";
    let accepted = success(heard)?;
    let denied = heard.text().to_lowercase().contains(&REFUSED.to_lowercase());
    if denied { Err(Refusal::denied(heard, Some(REFUSED))) } else { Ok(accepted) }
}
