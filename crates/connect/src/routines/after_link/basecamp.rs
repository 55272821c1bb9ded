//! Basecamp: the accounts that the user has; when there is one only, it is the one of every path.

use serde_json::Value;

use crate::routines::RoutineError;
use crate::routines::language::{Ask, as_text};
use crate::routines::run::Run;

const ACCOUNTS: Ask = Ask::get("/authorization.json").at("https://launchpad.37signals.com");

pub(super) async fn run(run: &mut Run<'_, '_>) -> Result<(), RoutineError> {
    let mut answer = run.ask_json(&ACCOUNTS).await?;
    let Some(Value::Array(accounts)) = answer.get_mut("accounts").map(Value::take) else {
        return Err(RoutineError::Missing("`accounts`".to_owned()));
    };
    if let [only] = accounts.as_slice()
        && run.config("accountId").is_none()
        && let Some(id) = only.get("id").and_then(as_text)
    {
        run.set("accountId", id);
    }
    run.set("accounts", accounts);
    Ok(())
}
