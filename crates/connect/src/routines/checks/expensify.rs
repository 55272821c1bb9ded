//! Expensify: one form field with a job description that holds the credentials; 200 to everything, the code is in the
//! body.

use dovetail_catalog::outgoing::CredentialView;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::check::{Check, Judged, Refusal, success};
use crate::ask::Heard;
use crate::routines::language::{Ask, Content};

pub(super) const CHECK: Check = Check {
    ask: Ask::send(
        "POST",
        "/ExpensifyIntegrations",
        Content::Of("application/x-www-form-urlencoded", policy_list),
    ),
    judge,
};

fn policy_list(credentials: &CredentialView) -> String {
    let part = |name| credentials.text(name).unwrap_or_default();
    let job = json!({
        "type": "get",
        "credentials": {"partnerUserID": part("username"), "partnerUserSecret": part("password")},
        "inputSettings": {"type": "policyList"},
    });
    Serializer::new(String::new()).append_pair("requestJobDescription", &job.to_string()).finish()
}

fn judge(heard: &Heard) -> Judged {
    let accepted = success(heard)?;
    let answer = heard.json();
    let message = answer.as_ref().and_then(|answer| answer.get("responseMessage")).and_then(Value::as_str);
    match message {
        Some(message) if message.to_lowercase().contains("authentication error") => {
            Err(Refusal::denied(heard, Some(message)))
        }
        _ => Ok(accepted),
    }
}
