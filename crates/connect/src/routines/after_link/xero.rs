//! Xero: the tenant (organisation) that was chosen at consent; it goes with every call.

use serde_json::Value;

use crate::routines::RoutineError;
use crate::routines::language::Ask;
use crate::routines::run::Run;

const CONNECTIONS: Ask = Ask::get("/connections");

pub(super) async fn run(run: &mut Run<'_, '_>) -> Result<(), RoutineError> {
    let answer = run.ask_json(&CONNECTIONS).await?;
    let tenants = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    let chosen = match tenants {
        [only] => Some(only),
        // Several were linked before: the event of this consent tells which one is meant now.
        several => {
            let event = run.claim("authentication_event_id");
            several.iter().find(|tenant| event.is_some() && tenant.get("authEventId") == event.as_ref())
        }
    };
    let id = chosen.and_then(|tenant| tenant.get("tenantId")).and_then(Value::as_str);
    let id = id.ok_or_else(|| RoutineError::Missing("tenant of this consent".to_owned()))?;
    run.set("tenant_id", id);
    Ok(())
}
