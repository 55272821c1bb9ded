//! GitHub App with user grant: whose grant it is, and the grant itself where clients of the reference look for it.

use dovetail_model::Credentials;
use serde_json::Value;

use crate::routines::RoutineError;
use crate::routines::language::Ask;
use crate::routines::run::Run;

const USER: Ask = Ask::get("/user");

/// Key of the configuration under which the user's tokens are sealed (auth-modes.md section 10).
pub const USER_CREDENTIALS: &str = "userCredentials";

pub(super) async fn run(run: &mut Run<'_, '_>) -> Result<(), RoutineError> {
    let user = match run.credentials {
        Credentials::Oauth2(user) => Some(user.clone()),
        Credentials::Custom(both) => both.user.clone(),
        _ => None,
    };
    // Without a grant there is no user to ask for: the installation alone was linked.
    let Some(user) = user else { return Ok(()) };
    run.set(USER_CREDENTIALS, Credentials::Oauth2(user).to_stored());
    let answer = run.ask_json(&USER).await?;
    let login = answer.get("login").and_then(Value::as_str);
    let login = login.ok_or_else(|| RoutineError::Missing("`login`".to_owned()))?;
    run.set("handle", login);
    Ok(())
}
