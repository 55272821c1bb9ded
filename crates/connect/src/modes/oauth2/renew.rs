//! New tokens for a refresh token (RFC 6749 section 6, auth-modes.md 21.3).

use dovetail_catalog::template::Mode;
use dovetail_catalog::{BodyFormat, capture_response};
use dovetail_model::{Credentials, Oauth2Credentials};

use serde_json::{Map, Value};

use super::{OauthClient, read_tokens};
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_request::{TokenRequest, Values, render_headers, render_params, render_url, token_template};

/// Asks the refresh URL, or the token URL where there is none.
pub(crate) async fn renew(party: &Party<'_>, old: &Oauth2Credentials) -> Result<Obtained, ObtainError> {
    renew_as(party, old, &Map::new()).await
}

/// As [`renew`], with further parameters.
pub(crate) async fn renew_as(
    party: &Party<'_>,
    old: &Oauth2Credentials,
    extra: &Map<String, Value>,
) -> Result<Obtained, ObtainError> {
    let provider = party.provider;
    let refresh_token = old.refresh_token.as_ref().ok_or(ObtainError::NotRenewable)?;
    let client = OauthClient::renewing(party.integration, old.config_override.as_ref())
        .ok_or_else(|| ObtainError::Unbuildable("the integration has no client id and secret".to_owned()))?;
    let values = Values::of(party);
    let context = values.context(party.connection_config);
    let template = provider.refresh_url.as_ref().map_or_else(|| token_template(party), Ok)?;
    // The host was judged when the account was linked: only the product can have changed it since.
    let url = render_url(template, &context)?;
    let mut request = TokenRequest::post(url, provider.body_format.unwrap_or(BodyFormat::Form));
    request.set("grant_type", "refresh_token");
    match &provider.refresh_params {
        Some(params) => request.params.extend(render_params(params, Mode::Tree, &context)?),
        // What is said for the exchange stands in, but for what makes it one.
        None => {
            let params = render_params(&provider.token_params, Mode::Tree, &context)?;
            request.params.extend(
                params
                    .into_iter()
                    .filter(|(name, _)| !matches!(name.as_str(), "grant_type" | "code" | "redirect_uri")),
            );
        }
    }
    request.params.extend(extra.clone());
    request.set("refresh_token", refresh_token.expose());
    request.headers = render_headers(&provider.token_headers, Mode::Tree, &context)?;
    request.auth = client.auth(provider);
    let answer = request.send(party).await?;
    if let Some(refusal) = answer.refusal() {
        return Err(refusal);
    }
    let config = capture_response(&provider.token_response_metadata, &answer.body);
    let tokens = read_tokens(provider, answer.body, party.now)?;
    let mut credentials = tokens.into_credentials();
    // A provider that does not rotate answers none: the old one stays.
    if credentials.refresh_token.is_none() {
        credentials.refresh_token = Some(refresh_token.clone());
    }
    credentials.config_override.clone_from(&old.config_override);
    Ok(Obtained { credentials: Credentials::Oauth2(credentials), config })
}
