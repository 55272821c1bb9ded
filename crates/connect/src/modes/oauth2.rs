//! OAUTH2: the authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636), as definitions vary it
//! (auth-modes.md section 4).

mod authorize;
mod beside;
pub(crate) mod client;
mod exchange;
mod issuer;
mod pushed;
mod renew;
mod tokens;

pub(crate) use authorize::{AuthorizationUrl, authorization_url, pkce_challenge};
pub(crate) use client::OauthClient;
pub(crate) use exchange::{exchange, exchange_as};
pub(crate) use issuer::check as check_issuer;
pub(crate) use renew::{renew, renew_as};
pub(crate) use tokens::{Tokens, read_tokens};

use dovetail_catalog::capture_response;
use dovetail_catalog::template::{Context, Mode};
use dovetail_model::{ClientOverride, Credentials, Oauth2Credentials, SecretJson};
use serde_json::{Map, Value};

use crate::flow::{
    Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, Progress, captured, settled,
};
use crate::limits::VERIFIER_BYTES;
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_host;
use crate::token_request::{Values, render_params, render_url, token_template};

/// Keys of the configuration that bring the end user's own client, and an own refresh token (auth-modes.md 4.2).
const CLIENT_ID: &str = "oauth_client_id_override";
const CLIENT_SECRET: &str = "oauth_client_secret_override";
const REFRESH_TOKEN: &str = "oauth_refresh_token_override";

/// Key of the progress: the state, for endpoints that want it again.
const STATE: &str = "state";

/// Key of the configuration: the host of the redirect URI, for endpoints that want it at every refresh.
const REDIRECT_HOST: &str = "redirect_host";

/// Key of the progress: the host that the browser was sent to.
const SENT_TO: &str = "sent_to";

/// Sends the browser to the authorization URL.
pub(crate) async fn depart(departure: Departure<'_>) -> Result<Departed, FlowError> {
    let departed = address(&departure)?;
    match &departure.party.provider.pushed_authorization_request_url {
        Some(template) => {
            let client = OauthClient::of(&departure.party)?;
            let url = pushed::push(&departure, client, template, &departed.url).await?;
            Ok(Departed { url, ..departed })
        }
        None => Ok(departed),
    }
}

/// The authorization URL with all its parameters, and what the return needs.
fn address(departure: &Departure<'_>) -> Result<Departed, FlowError> {
    let Departure { party, state, redirect_uri, .. } = *departure;
    let client = OauthClient::of(&party)?;
    let provider = party.provider;
    let grant = provider.token_params.get("grant_type").map(|tree| tree.templates());
    if grant.and_then(|templates| templates.first().map(|t| t.source() != "authorization_code")) == Some(true)
    {
        let message = "The definition asks for another grant than that of an authorization code.";
        return Err(FlowError::new(FlowErrorKind::GrantType, message));
    }
    let values = Values::of(&party);
    let context = values.context(party.connection_config);
    let unbuildable = |error: ObtainError| FlowError::unbuildable(&error);
    // What the exchange will need is asked for before the person is sent away, unless the callback brings it.
    render_params(&provider.token_params, Mode::Tree, &context).map_err(unbuildable)?;
    check_host(departure, &client, &context)?;
    let verifier = (!provider.disable_pkce).then(|| party.random.hex(VERIFIER_BYTES));
    let url = authorization_url(&AuthorizationUrl {
        provider,
        context: &context,
        client_id: client.id,
        redirect_uri,
        scopes: &scopes(departure),
        state,
        challenge: verifier.as_deref().map(pkce_challenge).as_deref(),
        user_scopes: departure.user_scopes,
        params: departure.authorization_params,
    })
    .map_err(|error| FlowError::unbuildable(&error))?;
    let progress = Progress {
        redirect_uri: redirect_uri.to_owned(),
        config: party.connection_config.clone(),
        sent: departure.sent.to_vec(),
        owner_config: departure.owner_config.clone(),
        verifier,
        more: Map::from_iter([(SENT_TO.to_owned(), Value::from(url.host_str().unwrap_or_default()))]),
        ..Progress::default()
    };
    let progress = match provider.token_client {
        Some(_) => with_state(progress, state),
        None => progress,
    };
    Ok(Departed { url, progress })
}

fn with_state(mut progress: Progress, state: &str) -> Progress {
    progress.more.insert(STATE.to_owned(), Value::from(state));
    progress
}

/// A secret that nobody may see is not worth a consent: the host of the token URL is judged before. A URL that waits
/// for the callback is judged then.
fn check_host(
    departure: &Departure<'_>,
    client: &OauthClient<'_>,
    context: &Context<'_>,
) -> Result<(), FlowError> {
    let party = &departure.party;
    let Ok(template) = token_template(party) else { return Ok(()) };
    match render_url(template, context) {
        Ok(url) if client.is_owners() => token_host::check(
            template,
            &url,
            context,
            party.provider,
            party.integration,
            departure.owner_config,
        )
        .map_err(|error| FlowError::new(FlowErrorKind::Integration, error.to_string())),
        _ => Ok(()),
    }
}

/// The scopes to ask for.
pub(crate) fn scopes(departure: &Departure<'_>) -> Vec<String> {
    let own = client::scopes(departure.party.integration);
    let chosen = departure.scopes.or(own).unwrap_or_default();
    chosen.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// Exchanges the code that the browser brought.
pub(crate) async fn arrive(arrival: Arrival<'_>) -> Result<Arrived, FlowError> {
    let Arrival { party, progress, .. } = arrival;
    let provider = party.provider;
    issuer::check(&arrival)?;
    let name = provider.authorization_code_param_in_callback.as_deref().unwrap_or("code");
    let Some(code) = arrival.param(name) else { return Err(no_code(&arrival)) };
    let said = captured(provider, &arrival);
    let config = settled(progress, &said);
    let obtained = redeem_saying(Party { connection_config: &config, ..party }, progress, code, said).await?;
    Ok(Arrived { obtained, pending: false })
}

/// Exchanges a code that did not come by a browser.
pub(crate) async fn redeem(party: Party<'_>, progress: &Progress, code: &str) -> Result<Obtained, FlowError> {
    redeem_saying(party, progress, code, Map::new()).await
}

/// Exchanges a code. `said` is what came with it, and wins over what comes with the tokens.
async fn redeem_saying(
    party: Party<'_>,
    progress: &Progress,
    code: &str,
    said: Map<String, Value>,
) -> Result<Obtained, FlowError> {
    let provider = party.provider;
    let client = OauthClient::of(&party)?;
    let failed = |error: ObtainError| FlowError::exchange(&provider.display_name, &error);
    let answer = exchange(&party, &client, progress, code).await?;
    let tokens = read_tokens(provider, answer.body.clone(), party.now).map_err(failed)?;
    let mut found = capture_response(&provider.token_response_metadata, &answer.body);
    found.extend(said);
    if provider.token_client.as_ref().is_some_and(|special| !special.refresh().assertion.is_empty()) {
        found.insert(REDIRECT_HOST.to_owned(), exchange::host(&progress.redirect_uri).into());
    }
    Ok(finish(tokens, settled(progress, &found)))
}

/// The callback brings no code: the provider's own words, when it has some.
pub(crate) fn no_code(arrival: &Arrival<'_>) -> FlowError {
    let words = ["error", "error_description", "error_reason", "error_message"]
        .iter()
        .filter_map(|name| arrival.param(name))
        .collect::<Vec<_>>()
        .join(": ");
    let provider = &arrival.party.provider.display_name;
    FlowError::new(
        FlowErrorKind::Callback,
        match words.as_str() {
            "" => format!("{provider} sent no authorization code."),
            words => format!("{provider} did not authorize the connection: {words}"),
        },
    )
}

/// Moves what the end user brought of an own client from the configuration to the credentials.
fn finish(tokens: Tokens, mut config: Map<String, Value>) -> Obtained {
    let mut take = |name: &str| match config.shift_remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let (client_id, client_secret, refresh_token) =
        (take(CLIENT_ID), take(CLIENT_SECRET), take(REFRESH_TOKEN));
    let brings_client = client_id.is_some() || client_secret.is_some();
    let mut credentials = tokens.into_credentials();
    if let Some(refresh_token) = refresh_token.filter(|_| brings_client) {
        let mut raw = credentials.raw.into_inner();
        if let Some(raw) = raw.as_object_mut() {
            raw.insert("refresh_token".to_owned(), refresh_token.as_str().into());
        }
        credentials = Oauth2Credentials {
            refresh_token: Some(refresh_token.into()),
            raw: SecretJson::new(raw),
            ..credentials
        };
        config.insert("overrideTokenRefresh".to_owned(), true.into());
    }
    if brings_client {
        credentials.config_override =
            Some(ClientOverride { client_id, client_secret: client_secret.map(Into::into) });
    }
    if let Some(Value::String(scopes)) = config.get("oauth_scopes_override") {
        let list =
            scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(Value::from).collect();
        config.insert("oauth_scopes_override".to_owned(), Value::Array(list));
    }
    Obtained { credentials: Credentials::Oauth2(credentials), config }
}
