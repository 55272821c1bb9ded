//! Asking a service how long an access token lives (RFC 7662, auth-modes.md 4.4), where the token response does not say.

use std::time::Duration;

use dovetail_catalog::BodyFormat;
use dovetail_model::{Credentials, Timestamp};
use serde_json::Value;

use crate::limits::LEARNED_LIFE_LEAST;
use crate::modes::oauth2::client::OauthClient;
use crate::obtain::{ObtainError, Party};
use crate::token_request::{TokenRequest, Values, render_url};

/// How long these credentials live from now on, as the service tells. `None` when their end is known already, the
/// definition says nothing of introspection, or the answer holds no time to go by.
pub async fn life_of(party: &Party<'_>, credentials: &Credentials) -> Result<Option<Duration>, ObtainError> {
    let (Credentials::Oauth2(tokens), Some(template)) = (credentials, &party.provider.introspection_url)
    else {
        return Ok(None);
    };
    if tokens.expires_at.is_some() {
        return Ok(None);
    }
    let client = OauthClient::renewing(party.integration, tokens.config_override.as_ref())
        .ok_or_else(|| ObtainError::Unbuildable("the integration has no client".to_owned()))?;
    // The host was judged when the account was linked.
    let url = render_url(template, &Values::of(party).context(party.connection_config))?;
    let mut request = TokenRequest::post(url, BodyFormat::Form);
    request.set("token", tokens.access_token.expose());
    request.set("token_type_hint", "access_token");
    request.auth = client.auth(party.provider);
    let answer = request.send(party).await?;
    if let Some(refusal) = answer.refusal() {
        return Err(refusal);
    }
    let answer = answer.object()?;
    // A token that was just issued is active; whatever else is said of it is no life to plan with.
    let end = answer
        .get("exp")
        .and_then(Value::as_i64)
        .filter(|_| answer.get("active") == Some(&Value::Bool(true)))
        .and_then(|seconds| seconds.checked_mul(1000))
        .map(Timestamp);
    Ok(end.map(|end| end.since(party.now)).filter(|life| *life >= LEARNED_LIFE_LEAST))
}
