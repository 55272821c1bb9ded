//! Crisp: a website that has the plug-in has a token of its own, which only its operators see. The callback brings it;
//! without one, the subscription has to be as young as the attempt.

use dovetail_model::Secret;
use serde_json::Value;

use super::Found;
use crate::flow::Arrival;
use crate::routines::RoutineError;
use crate::routines::language::Ask;
use crate::routines::run::Run;
use crate::token_request::expires_at;

const ACCOUNT: Ask = Ask::get("/v1/plugin/connect/account");
const SETTINGS: Ask = Ask::get(
    "/v1/plugins/subscription/${connectionConfig.website_id}/${connectionConfig.plugin_id}/settings",
);
const SUBSCRIPTION: Ask =
    Ask::get("/v1/plugins/subscription/${connectionConfig.website_id}/${connectionConfig.plugin_id}");

pub(super) async fn run(run: &mut Run<'_, '_>, arrival: &Arrival<'_>) -> Found {
    let account = data(run.ask_json(&ACCOUNT).await?)?;
    let plugin = account.get("plugin_id").and_then(Value::as_str);
    let plugin = plugin.ok_or_else(|| RoutineError::Missing("`plugin_id`".to_owned()))?.to_owned();
    run.set("plugin_id", plugin);
    if let Some(given) = arrival.param("token") {
        let settings = data(run.ask_json(&SETTINGS).await?)?;
        let token = settings.get("token").and_then(Value::as_str).filter(|token| !token.is_empty());
        return Ok(token.is_some_and(|token| Secret::new(token) == Secret::new(given)));
    }
    let subscription = data(run.ask_json(&SUBSCRIPTION).await?)?;
    let active = subscription.get("active").and_then(Value::as_bool) == Some(true);
    let since = subscription.get("since").and_then(|since| expires_at(since, run.party.now));
    Ok(active && since.is_some_and(|since| arrival.progress.is_since(since)))
}

/// Every answer wraps what it says.
fn data(answer: Value) -> Result<Value, RoutineError> {
    match answer {
        Value::Object(mut members) => {
            members.shift_remove("data").ok_or_else(|| RoutineError::Missing("`data`".to_owned()))
        }
        _ => Err(RoutineError::Missing("`data`".to_owned())),
    }
}
