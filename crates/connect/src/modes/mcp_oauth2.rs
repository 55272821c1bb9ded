//! `MCP_OAUTH2`: an MCP server of the catalogue (auth-modes.md section 7). As OAUTH2, with a client that may be ours,
//! and with the resource named in every request (RFC 8707).

use dovetail_catalog::ClientRegistration;
use dovetail_catalog::template::Mode;
use dovetail_model::{ClientOverride, Credentials, Oauth2Credentials, RegisteredClient};
use serde_json::{Map, Value};

use super::oauth2::{
    AuthorizationUrl, OauthClient, authorization_url, exchange_as, pkce_challenge, read_tokens, renew_as,
    scopes,
};
use crate::flow::{
    Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, Progress, captured, settled,
};
use crate::limits::VERIFIER_BYTES;
use crate::mcp::{Announced, ClientBook, client_for};
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_request::{Values, render_params, render_url};

/// Key of the progress: the client that the browser was sent away with.
const CLIENT: &str = "client";

/// The parameter that names the resource.
const RESOURCE: &str = "resource";

/// Sends the browser to the authorization URL.
pub(crate) async fn depart(departure: Departure<'_>, book: &dyn ClientBook) -> Result<Departed, FlowError> {
    let Departure { party, state, redirect_uri, .. } = departure;
    let provider = party.provider;
    let values = Values::of(&party);
    let context = values.context(party.connection_config);
    let unbuildable = |error: ObtainError| FlowError::unbuildable(&error);
    let registration = provider
        .registration_url
        .as_ref()
        .filter(|_| provider.client_registration == Some(ClientRegistration::Dynamic))
        .map(|template| render_url(template, &context))
        .transpose()
        .map_err(unbuildable)?;
    let wanted = scopes(&departure);
    let announced = Announced {
        issuer: registration.as_ref().map_or(provider.id(), url::Url::as_str),
        registration: registration.as_ref().map(url::Url::as_str),
        documents: provider.client_registration == Some(ClientRegistration::Cimd),
    };
    let client = client_for(&party, book, announced, redirect_uri, Some(&wanted.join(" ")))
        .await
        .map_err(|error| FlowError::client(&provider.display_name, &error))?;
    let verifier = party.random.hex(VERIFIER_BYTES);
    let url = authorization_url(&AuthorizationUrl {
        provider,
        context: &context,
        client_id: &client.id,
        redirect_uri,
        scopes: &wanted,
        state,
        challenge: Some(&pkce_challenge(&verifier)),
        user_scopes: None,
        params: &[],
    })
    .map_err(unbuildable)?;
    let progress = Progress {
        redirect_uri: redirect_uri.to_owned(),
        config: party.connection_config.clone(),
        sent: departure.sent.to_vec(),
        owner_config: departure.owner_config.clone(),
        verifier: Some(verifier),
        more: Map::from_iter([
            (CLIENT.to_owned(), serde_json::to_value(&client).unwrap_or_default()),
            ("sent_to".to_owned(), Value::from(url.host_str().unwrap_or_default())),
        ]),
        ..Progress::default()
    };
    Ok(Departed { url, progress })
}

/// Exchanges the code that the browser brought.
pub(crate) async fn arrive(arrival: Arrival<'_>) -> Result<Arrived, FlowError> {
    let Arrival { party, progress, .. } = arrival;
    let provider = party.provider;
    super::oauth2::check_issuer(&arrival)?;
    let code = arrival.param("code").ok_or_else(|| super::oauth2::no_code(&arrival))?;
    let lost =
        || FlowError::new(FlowErrorKind::State, "What this attempt was begun with is gone. Begin again.");
    let client: RegisteredClient = progress
        .more
        .get(CLIENT)
        .and_then(|kept| serde_json::from_value(kept.clone()).ok())
        .ok_or_else(lost)?;
    let said = captured(provider, &arrival);
    let config = settled(progress, &said);
    let party = Party { connection_config: &config, ..party };
    let failed = |error: ObtainError| FlowError::exchange(&provider.display_name, &error);
    let extra = resource(&party).map_err(failed)?;
    let as_client = OauthClient::registered(&client.id, client.secret.expose());
    let answer = exchange_as(&party, &as_client, progress, code, &extra).await?;
    let tokens = read_tokens(provider, answer.body, party.now).map_err(failed)?;
    let mut credentials = tokens.into_credentials();
    if party.integration.secrets.client.id().is_none_or(|own| own != client.id) {
        credentials.config_override =
            Some(ClientOverride { client_id: Some(client.id), client_secret: Some(client.secret) });
    }
    Ok(Arrived {
        obtained: Obtained { credentials: Credentials::Oauth2(credentials), config },
        pending: false,
    })
}

/// New tokens for a refresh token.
pub(crate) async fn renew(party: &Party<'_>, old: &Oauth2Credentials) -> Result<Obtained, ObtainError> {
    renew_as(party, old, &resource(party)?).await
}

/// The resource of the definition's authorization parameters: token requests name it too.
fn resource(party: &Party<'_>) -> Result<Map<String, Value>, ObtainError> {
    let values = Values::of(party);
    let context = values.context(party.connection_config);
    let params = render_params(&party.provider.authorization_params, Mode::Tree, &context)?;
    Ok(params.into_iter().filter(|(name, _)| name == RESOURCE).collect())
}
