//! New tokens for a refresh token (RFC 6749 section 6, auth-modes.md 21.3).

use dovetail_catalog::template::Mode;
use dovetail_catalog::{BodyFormat, TokenClient, capture_response};
use dovetail_model::{Credentials, Oauth2Credentials};

use serde_json::{Map, Value};

use super::client::scope_list;
use super::{OauthClient, REDIRECT_HOST, beside, read_tokens};
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_request::{
    TokenAnswer, TokenRequest, Values, render_headers, render_params, render_url, shape, token_template,
};

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
    let special = provider.token_client.as_ref();
    let refresh_token = old.refresh_token.as_ref();
    if refresh_token.is_none() && !special.is_some_and(|special| special.renews_itself) {
        return Err(ObtainError::NotRenewable);
    }
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
    if let Some(refresh_token) = refresh_token {
        request.set("refresh_token", refresh_token.expose());
    }
    request.headers = render_headers(&provider.token_headers, Mode::Tree, &context)?;
    request.auth = client.auth(provider);
    let answer = match special {
        Some(special) => special_answer(party, &client, special, request, old).await?,
        None => request.send(party).await?,
    };
    if let Some(refusal) = answer.refusal() {
        return Err(refusal);
    }
    let config = capture_response(&provider.token_response_metadata, &answer.body);
    let tokens = read_tokens(provider, answer.body, party.now)?;
    let mut credentials = tokens.into_credentials();
    // A provider that does not rotate answers none: the old one stays.
    let is_brought = party.connection_config.get("overrideTokenRefresh") == Some(&Value::Bool(true))
        && special.is_some_and(|special| special.keeps_brought_refresh_token);
    if credentials.refresh_token.is_none() || is_brought {
        credentials.refresh_token = refresh_token.cloned();
    }
    credentials.config_override.clone_from(&old.config_override);
    Ok(Obtained { credentials: Credentials::Oauth2(credentials), config })
}

/// The answer of an endpoint that departs from the standard, under the standard's names.
async fn special_answer(
    party: &Party<'_>,
    client: &OauthClient<'_>,
    special: &TokenClient,
    request: TokenRequest<'_>,
    old: &Oauth2Credentials,
) -> Result<TokenAnswer, ObtainError> {
    let call = special.refresh();
    let mut facts = Map::new();
    facts.insert("accessToken".to_owned(), old.access_token.expose().into());
    facts.insert("scopes".to_owned(), scope_list(party).into());
    if let Some(token) = &old.refresh_token {
        facts.insert("refreshToken".to_owned(), token.expose().into());
    }
    if let Some(host) = party.connection_config.get(REDIRECT_HOST) {
        facts.insert("redirectHost".to_owned(), host.clone());
    }
    let again = special.beside.as_deref().and_then(|member| {
        let token = old.raw.expose().pointer(&format!("/{member}/refresh_token"))?.as_str()?;
        let differs = old.refresh_token.as_ref().is_none_or(|first| first.expose() != token);
        differs.then(|| (request.clone(), token.to_owned()))
    });
    let mut answer = shape::ask(party, client.plain(), call, request, facts.clone()).await?;
    if call.answer.keeps_token
        && let Some(body) = answer.body.as_object_mut()
    {
        body.entry("access_token").or_insert_with(|| old.access_token.expose().into());
    }
    if let Some(member) = &special.beside {
        let second = match again {
            Some((mut request, token)) => {
                request.set("refresh_token", token);
                shape::ask(party, client.plain(), call, request, facts).await.ok()
            }
            None => None,
        };
        beside::renewed(member, &mut answer, old, second);
    }
    Ok(beside::together(special, answer))
}
