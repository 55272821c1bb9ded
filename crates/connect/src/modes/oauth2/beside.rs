//! Tokens of a second party beside the first: those of the user beside the bot's (Slack; auth-modes.md 4.4). They live
//! in the answer, expire on their own, and are refreshed together with the first.

use dovetail_catalog::TokenClient;
use dovetail_model::Oauth2Credentials;
use serde_json::Value;

use crate::token_request::TokenAnswer;

/// The answer expires when the first of its tokens does.
pub(super) fn together(special: &TokenClient, mut answer: TokenAnswer) -> TokenAnswer {
    let Some(member) = &special.beside else { return answer };
    let theirs = answer.body.get(member).and_then(|second| second.get("expires_in")).and_then(Value::as_u64);
    if let (Some(theirs), Some(body)) = (theirs, answer.body.as_object_mut())
        && body.contains_key("access_token")
    {
        let ours = body.get("expires_in").and_then(Value::as_u64);
        body.insert("expires_in".to_owned(), ours.map_or(theirs, |ours| ours.min(theirs)).into());
    }
    answer
}

/// The second party's tokens in the answer of a refresh: those that were renewed, or the old ones where that failed.
pub(super) fn renewed(
    member: &str,
    answer: &mut TokenAnswer,
    old: &Oauth2Credentials,
    second: Option<TokenAnswer>,
) {
    let Some(body) = answer.body.as_object_mut() else { return };
    let known = old.raw.expose().get(member).and_then(Value::as_object).cloned();
    let Some(mut theirs) = known else { return };
    if let Some(Value::Object(new)) = second.map(|second| second.body) {
        for name in ["access_token", "refresh_token", "expires_in"] {
            if let Some(value) = new.get(name) {
                theirs.insert(name.to_owned(), value.clone());
            }
        }
    }
    body.insert(member.to_owned(), Value::Object(theirs));
}
