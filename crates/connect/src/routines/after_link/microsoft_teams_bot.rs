//! Microsoft Teams bot: the bot's own token, from the tenant that hosts it; Graph tokens are not good for the bot
//! service.

use dovetail_catalog::BodyFormat;

use super::microsoft;
use crate::routines::RoutineError;
use crate::routines::run::Run;
use crate::token_request::TokenRequest;

/// Key of the configuration under which the token is sealed (auth-modes.md section 4.4).
pub const BOT_TOKEN: &str = "botFrameworkAccessToken";

pub(super) async fn run(run: &mut Run<'_, '_>) -> Result<(), RoutineError> {
    let Some(tenant) = run.config("botHostTenantId") else { return Ok(()) };
    if !microsoft::is_tenant(&tenant) {
        return Err(RoutineError::Unbuildable("`botHostTenantId` is no tenant".to_owned()));
    }
    let mut request = TokenRequest::post(microsoft::token_url(&tenant)?, BodyFormat::Form);
    request.set("grant_type", "client_credentials");
    request.set("scope", "https://api.botframework.com/.default");
    request.auth = microsoft::client(&run.party, run.credentials)?;
    let answer = request.send(&run.party).await?;
    let token = microsoft::token(&run.party, &answer)?;
    run.set(BOT_TOKEN, token);
    Ok(())
}
