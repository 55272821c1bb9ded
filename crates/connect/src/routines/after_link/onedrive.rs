//! OneDrive and SharePoint: the tenant, and a second token for the tenant's SharePoint, which the first is not good
//! for.

use dovetail_catalog::BodyFormat;
use dovetail_model::Credentials;
use serde_json::Value;

use super::microsoft;
use crate::routines::RoutineError;
use crate::routines::run::Run;
use crate::token_request::TokenRequest;

/// Key of the configuration under which the token is sealed (auth-modes.md section 4.4).
pub const SHAREPOINT_TOKEN: &str = "sharepointAccessToken";

pub(super) async fn run(run: &mut Run<'_, '_>) -> Result<(), RoutineError> {
    let tenant = run.claim("tid");
    let Some(Value::String(tenant)) =
        tenant.filter(|tenant| tenant.as_str().is_some_and(microsoft::is_tenant))
    else {
        return Err(RoutineError::Missing("tenant: it is no work or school account".to_owned()));
    };
    run.set("tenantId", tenant.as_str());
    let Credentials::Oauth2(tokens) = run.credentials else { return Ok(()) };
    // Without `offline_access` there is nothing to get a second token with.
    let Some(refresh_token) = &tokens.refresh_token else { return Ok(()) };
    let mut request = TokenRequest::post(microsoft::token_url(&tenant)?, BodyFormat::Form);
    request.set("grant_type", "refresh_token");
    request.set("refresh_token", refresh_token.expose());
    request.set("scope", format!("https://{tenant}.sharepoint.com/Sites.Read.All"));
    request.auth = microsoft::client(&run.party, run.credentials)?;
    let answer = request.send(&run.party).await?;
    let token = microsoft::token(&run.party, &answer)?;
    run.set(SHAREPOINT_TOKEN, token);
    Ok(())
}
