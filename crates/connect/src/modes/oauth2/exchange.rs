//! The exchange of a code for tokens (auth-modes.md 4.3).

use dovetail_catalog::BodyFormat;
use dovetail_catalog::template::Mode;

use serde_json::{Map, Value};

use super::client::scope_list;
use super::{OauthClient, STATE, beside};
use crate::flow::{FlowError, FlowErrorKind, Progress};
use crate::obtain::{ObtainError, Party};
use crate::token_host;
use crate::token_request::{
    TokenAnswer, TokenRequest, Values, render_headers, render_params, render_url, shape, token_template,
};

/// Asks the token endpoint, once: a code can be used once.
pub(crate) async fn exchange(
    party: &Party<'_>,
    client: &OauthClient<'_>,
    progress: &Progress,
    code: &str,
) -> Result<TokenAnswer, FlowError> {
    exchange_as(party, client, progress, code, &Map::new()).await
}

/// As [`exchange`], with further parameters.
pub(crate) async fn exchange_as(
    party: &Party<'_>,
    client: &OauthClient<'_>,
    progress: &Progress,
    code: &str,
    extra: &Map<String, Value>,
) -> Result<TokenAnswer, FlowError> {
    let provider = party.provider;
    let failed = |error: &ObtainError| FlowError::exchange(&provider.display_name, error);
    let values = Values::of(party);
    let context = values.context(party.connection_config);
    let template = token_template(party).map_err(|error| failed(&error))?;
    let url = render_url(template, &context).map_err(|error| failed(&error))?;
    if client.is_owners() {
        token_host::check(template, &url, &context, provider, party.integration, &progress.owner_config)
            .map_err(|error| FlowError::new(FlowErrorKind::Integration, error.to_string()))?;
    }
    let mut request = TokenRequest::post(url, provider.body_format.unwrap_or(BodyFormat::Form));
    request.set("grant_type", "authorization_code");
    request.set("code", code);
    request.set("redirect_uri", progress.redirect_uri.as_str());
    let params =
        render_params(&provider.token_params, Mode::Tree, &context).map_err(|error| failed(&error))?;
    request.params.extend(params);
    request.params.extend(extra.clone());
    if let Some(verifier) = &progress.verifier {
        request.set("code_verifier", verifier.as_str());
    }
    request.headers =
        render_headers(&provider.token_headers, Mode::Tree, &context).map_err(|error| failed(&error))?;
    request.auth = client.auth(provider);
    if let Some(special) = &provider.token_client {
        let facts = facts(party, progress, code);
        let answer = shape::ask(party, client.plain(), &special.exchange, request, facts).await;
        return answer.map(|answer| beside::together(special, answer)).map_err(|error| failed(&error));
    }
    let answer = request.send(party).await.map_err(|error| failed(&error))?;
    match answer.refusal() {
        Some(refusal) => Err(failed(&refusal)),
        None => Ok(answer),
    }
}

/// What the templates of a special exchange know besides the configuration.
fn facts(party: &Party<'_>, progress: &Progress, code: &str) -> Map<String, Value> {
    let mut facts = Map::new();
    facts.insert("code".to_owned(), code.into());
    facts.insert("scopes".to_owned(), scope_list(party).into());
    facts.insert("redirectHost".to_owned(), host(&progress.redirect_uri).into());
    if let Some(state) = progress.more.get(STATE) {
        facts.insert("state".to_owned(), state.clone());
    }
    facts
}

/// The host of the redirect URI, where the definition asks for it.
pub(super) fn host(redirect_uri: &str) -> String {
    url::Url::parse(redirect_uri).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
