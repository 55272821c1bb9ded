//! `MCP_OAUTH2_GENERIC`: any MCP server that the end user names (auth-modes.md section 8).

use dovetail_catalog::BodyFormat;
use dovetail_model::{ClientOverride, Credentials, Oauth2Credentials, RegisteredClient, SecretJson};
use serde_json::{Map, Value};
use url::Url;

use super::oauth2::{check_issuer, no_code, pkce_challenge, read_tokens, scopes};
use crate::flow::{Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, Progress};
use crate::limits::VERIFIER_BYTES;
use crate::mcp::{Announced, ClientBook, Discovered, ServerMetadata, client_for, discover, guarded};
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_request::{ClientAuth, TokenAnswer, TokenRequest};

/// Key of the configuration: the server that the end user named.
const SERVER: &str = "mcp_server_url";
/// Keys of the configuration by which a connection knows where its tokens come from. The names are the wire's.
const METADATA: &str = "oauth_metadata";
const RESOURCE: &str = "oauth_resource_url";
const METHOD: &str = "oauth_token_auth_method";
/// Key of the progress: the client that the browser was sent away with.
const CLIENT: &str = "client";

/// The members of an answer that are kept: the others are the server's business.
const STANDARD: [&str; 6] =
    ["access_token", "token_type", "expires_in", "refresh_token", "scope", "expires_at"];

/// Finds the authorization server, becomes its client, and sends the browser there.
pub(crate) async fn depart(departure: Departure<'_>, book: &dyn ClientBook) -> Result<Departed, FlowError> {
    let Departure { party, state, redirect_uri, .. } = departure;
    let name = &party.provider.display_name;
    let given = party.connection_config.get(SERVER).and_then(Value::as_str).unwrap_or_default();
    if given.is_empty() {
        return Err(FlowError::new(FlowErrorKind::UrlParam, "The URL of the MCP server is missing."));
    }
    let server = guarded(given).map_err(|error| FlowError::unbuildable(&error))?;
    let found = discover(&party, &server).await.map_err(|error| FlowError::client(name, &error))?;
    let scope = scope(&departure, &found);
    let announced = Announced {
        issuer: &found.server.issuer,
        registration: found.server.registration_endpoint.as_deref(),
        documents: found.server.client_id_metadata_document_supported,
    };
    let client = client_for(&party, book, announced, redirect_uri, scope.as_deref())
        .await
        .map_err(|error| FlowError::client(name, &error))?;
    let verifier = party.random.hex(VERIFIER_BYTES);
    let mut url =
        guarded(&found.server.authorization_endpoint).map_err(|error| FlowError::unbuildable(&error))?;
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("response_type", "code").append_pair("client_id", &client.id);
        query
            .append_pair("code_challenge", &pkce_challenge(&verifier))
            .append_pair("code_challenge_method", "S256");
        query.append_pair("redirect_uri", redirect_uri).append_pair("state", state);
        if let Some(scope) = &scope {
            query.append_pair("scope", scope);
            if scope.split(' ').any(|scope| scope == "offline_access") {
                query.append_pair("prompt", "consent");
            }
        }
        query.append_pair("resource", &found.resource);
    }
    let mut config = party.connection_config.clone();
    config.insert(METADATA.to_owned(), Value::from(serde_json::to_string(&found.server).unwrap_or_default()));
    config.insert(RESOURCE.to_owned(), Value::from(found.resource));
    config.insert(METHOD.to_owned(), Value::from(method(&client, &found.server)));
    let progress = Progress {
        redirect_uri: redirect_uri.to_owned(),
        config,
        sent: departure.sent.to_vec(),
        owner_config: departure.owner_config.clone(),
        verifier: Some(verifier),
        issuer: Some(found.server.issuer.clone()),
        sends_issuer: found.server.authorization_response_iss_parameter_supported,
        more: Map::from_iter([(CLIENT.to_owned(), serde_json::to_value(&client).unwrap_or_default())]),
        ..Progress::default()
    };
    Ok(Departed { url, progress })
}

/// What is asked for: what the attempt or the integration says, else what the server asked for, else what it knows.
fn scope(departure: &Departure<'_>, found: &Discovered) -> Option<String> {
    let chosen = scopes(departure).join(" ");
    if !chosen.is_empty() {
        return Some(chosen);
    }
    found.challenged.clone().or_else(|| (!found.supported.is_empty()).then(|| found.supported.join(" ")))
}

/// How the client proves itself: as it was registered, else in the first way that both know.
fn method(client: &RegisteredClient, server: &ServerMetadata) -> &'static str {
    const KNOWN: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];
    if client.secret.is_empty() {
        return "none";
    }
    let supported = server.token_endpoint_auth_methods_supported.as_deref();
    let fits = |method: &str| supported.is_none_or(|known| known.iter().any(|known| known == method));
    let registered =
        client.method.as_deref().and_then(|method| KNOWN.into_iter().find(|known| *known == method));
    registered.filter(|method| *method != "none" && fits(method)).unwrap_or(if fits(KNOWN[0]) {
        KNOWN[0]
    } else {
        KNOWN[1]
    })
}

/// Exchanges the code that the browser brought.
pub(crate) async fn arrive(arrival: Arrival<'_>) -> Result<Arrived, FlowError> {
    let Arrival { party, progress, .. } = arrival;
    let name = &party.provider.display_name;
    check_issuer(&arrival)?;
    let code = arrival.param("code").ok_or_else(|| no_code(&arrival))?;
    let lost =
        || FlowError::new(FlowErrorKind::State, "What this attempt was begun with is gone. Begin again.");
    let client: RegisteredClient = progress
        .more
        .get(CLIENT)
        .and_then(|kept| serde_json::from_value(kept.clone()).ok())
        .ok_or_else(lost)?;
    let failed = |error: ObtainError| FlowError::exchange(name, &error);
    let party = Party { connection_config: &progress.config, ..party };
    let mut request = token_request(&party, &client.id, client.secret.expose()).map_err(failed)?;
    request.set("grant_type", "authorization_code");
    request.set("code", code);
    request.set("redirect_uri", progress.redirect_uri.as_str());
    if let Some(verifier) = &progress.verifier {
        request.set("code_verifier", verifier.as_str());
    }
    let answer = request.send(&party).await.map_err(failed)?;
    let mut credentials = read(&party, answer).map_err(failed)?;
    credentials.config_override =
        Some(ClientOverride { client_id: Some(client.id), client_secret: Some(client.secret) });
    let config = progress.config.clone();
    Ok(Arrived {
        obtained: Obtained { credentials: Credentials::Oauth2(credentials), config },
        pending: false,
    })
}

/// New tokens for a refresh token.
pub(crate) async fn renew(party: &Party<'_>, old: &Oauth2Credentials) -> Result<Obtained, ObtainError> {
    let refresh_token = old.refresh_token.as_ref().ok_or(ObtainError::NotRenewable)?;
    let client = old.config_override.as_ref();
    let id = client.and_then(|client| client.client_id.as_deref()).ok_or_else(|| missing("client"))?;
    let secret = client.and_then(|client| client.client_secret.as_ref()).map_or("", |secret| secret.expose());
    let mut request = token_request(party, id, secret)?;
    request.set("grant_type", "refresh_token");
    request.set("refresh_token", refresh_token.expose());
    let answer = request.send(party).await?;
    let mut credentials = read(party, answer)?;
    if credentials.refresh_token.is_none() {
        credentials.refresh_token = Some(refresh_token.clone());
    }
    credentials.config_override.clone_from(&old.config_override);
    Ok(Obtained { credentials: Credentials::Oauth2(credentials), config: Map::new() })
}

fn missing(what: &str) -> ObtainError {
    ObtainError::Unbuildable(format!(
        "the connection does not know its {what}; the account has to be linked again"
    ))
}

/// A request to the token endpoint that the connection knows, which is judged again.
fn token_request<'a>(
    party: &Party<'_>,
    id: &'a str,
    secret: &'a str,
) -> Result<TokenRequest<'a>, ObtainError> {
    let text = |name: &str| party.connection_config.get(name).and_then(Value::as_str);
    let metadata: ServerMetadata = text(METADATA)
        .and_then(|metadata| serde_json::from_str(metadata).ok())
        .ok_or_else(|| missing("authorization server"))?;
    let endpoint: Url = guarded(&metadata.token_endpoint)?;
    let mut request = TokenRequest::post(endpoint, BodyFormat::Form);
    request.auth = match text(METHOD) {
        _ if secret.is_empty() => ClientAuth::Public { id },
        Some("client_secret_post") => ClientAuth::Body { id, secret },
        _ => ClientAuth::Header { id, secret },
    };
    if let Some(resource) = text(RESOURCE).filter(|resource| !resource.is_empty()) {
        request.set("resource", resource);
    }
    Ok(request)
}

fn read(party: &Party<'_>, answer: TokenAnswer) -> Result<Oauth2Credentials, ObtainError> {
    if let Some(refusal) = answer.refusal() {
        return Err(refusal);
    }
    let mut credentials = read_tokens(party.provider, answer.body, party.now)?.into_credentials();
    let Value::Object(raw) = std::mem::take(&mut credentials.raw).into_inner() else {
        return Ok(credentials);
    };
    let kept: Map<String, Value> =
        raw.into_iter().filter(|(name, _)| STANDARD.contains(&name.as_str())).collect();
    credentials.raw = SecretJson::new(Value::Object(kept));
    Ok(credentials)
}
