//! Telling a service that a connection was deleted, so that its tokens die with it (auth-modes.md section 24).
//!
//! By the definition's `revocation_url` (RFC 7009), or by the call of a service that has its own.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use dovetail_catalog::Provider;
use dovetail_catalog::outgoing::{self, Call, CallBody, ConnectionFacts, CredentialView};
use dovetail_catalog::template::Moment;
use dovetail_catalog::{BodyFormat, outgoing::Request};
use dovetail_egress::{Body, Redirects, SendOptions};
use dovetail_model::{Credentials, Oauth2Credentials, Secret};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::IntegrationValues;
use crate::limits::{NONCE_CHARS, TOKEN_DEADLINE};
use crate::modes::oauth2::client::OauthClient;
use crate::obtain::{ObtainError, Party};
use crate::token_request::{TokenRequest, Values, render_url};

/// How a service is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// RFC 7009.
    Standard,
    /// One token of an app; the person's other ones stay.
    Github,
    Hubspot,
    Intercom,
    Linear,
    Onelogin,
}

fn declared(provider: &Provider) -> Option<Way> {
    match provider.pre_connection_deletion() {
        Some("githubPreConnectionDeletion") => Some(Way::Github),
        Some("hubspotPreConnectionDeletion") => Some(Way::Hubspot),
        Some("intercomPreConnectionDeletion") => Some(Way::Intercom),
        Some("linearPreConnectionDeletion") => Some(Way::Linear),
        Some("oneloginPreConnectionDeletion") => Some(Way::Onelogin),
        _ => provider.revocation_url.as_ref().map(|_| Way::Standard),
    }
}

/// Whether the service can be told of any connection at all.
pub fn has_revocation(provider: &Provider) -> bool {
    declared(provider).is_some()
}

fn way(provider: &Provider, credentials: &Credentials, metadata: &Map<String, Value>) -> Option<Way> {
    let way = declared(provider)?;
    if metadata.get("skipTokenRevocation") == Some(&Value::Bool(true)) {
        return None;
    }
    let fits = match (way, credentials) {
        (Way::Hubspot, Credentials::Oauth2(tokens)) => tokens.refresh_token.is_some(),
        (Way::Standard | Way::Github | Way::Intercom | Way::Linear, Credentials::Oauth2(_))
        | (Way::Onelogin, Credentials::Oauth2Cc(_)) => true,
        _ => false,
    };
    fits.then_some(way)
}

/// Whether there is anything to tell. The product opts out with `skipTokenRevocation: true` in the metadata.
pub fn is_revocable(provider: &Provider, credentials: &Credentials, metadata: &Map<String, Value>) -> bool {
    way(provider, credentials, metadata).is_some()
}

/// Tells the service, once. A token that it does not know any more counts as revoked.
pub async fn revoke(
    party: &Party<'_>,
    credentials: &Credentials,
    metadata: &Map<String, Value>,
) -> Result<(), ObtainError> {
    let Some(way) = way(party.provider, credentials, metadata) else { return Ok(()) };
    let outcome = match way {
        Way::Standard => standard(party, credentials).await,
        _ => own_call(party, way, credentials, metadata).await,
    };
    match outcome {
        Err(ObtainError::Refused { status: 404 | 410, .. }) => Ok(()),
        Err(error) if error.code() == Some("invalid_token") => Ok(()),
        other => other,
    }
}

/// RFC 7009 section 2.1: the refresh token, which takes the access tokens along, or the only token there is.
async fn standard(party: &Party<'_>, credentials: &Credentials) -> Result<(), ObtainError> {
    let Credentials::Oauth2(tokens) = credentials else { return Ok(()) };
    let lacks = |what: &str| ObtainError::Unbuildable(what.to_owned());
    let template = party.provider.revocation_url.as_ref();
    let template = template.ok_or_else(|| lacks("the definition has no revocation URL"))?;
    let values = Values::of(party);
    // The host was judged when the account was linked.
    let url = render_url(template, &values.context(party.connection_config))?;
    let client = client_of(party, tokens)?;
    let (token, hint) = match &tokens.refresh_token {
        Some(token) => (token, "refresh_token"),
        None => (&tokens.access_token, "access_token"),
    };
    let mut request = TokenRequest::post(url, BodyFormat::Form);
    request.set("token", token.expose());
    request.set("token_type_hint", hint);
    request.auth = client.auth(party.provider);
    request.send(party).await.map(|_| ())
}

/// The client that the tokens were given to.
fn client_of<'a>(party: &Party<'a>, tokens: &'a Oauth2Credentials) -> Result<OauthClient<'a>, ObtainError> {
    OauthClient::renewing(party.integration, tokens.config_override.as_ref())
        .ok_or_else(|| ObtainError::Unbuildable("the integration has no client".to_owned()))
}

async fn own_call(
    party: &Party<'_>,
    way: Way,
    credentials: &Credentials,
    metadata: &Map<String, Value>,
) -> Result<(), ObtainError> {
    let token = |token: &Secret| -> String {
        url::form_urlencoded::byte_serialize(token.expose().as_bytes()).collect()
    };
    let (method, endpoint, authorization, body) = match (way, credentials) {
        (Way::Github, Credentials::Oauth2(tokens)) => {
            let client = client_of(party, tokens)?;
            let proof = STANDARD.encode(format!("{}:{}", client.id, client.secret));
            let body = json!({ "access_token": tokens.access_token.expose() }).to_string();
            (
                "DELETE",
                format!("/applications/{}/token", client.id),
                Some(format!("Basic {proof}")),
                Some(body),
            )
        }
        (Way::Hubspot, Credentials::Oauth2(tokens)) => {
            let token = tokens.refresh_token.as_ref().map(token).unwrap_or_default();
            ("DELETE", format!("/oauth/v1/refresh-tokens/{token}"), Some(String::new()), None)
        }
        (Way::Intercom, _) => ("POST", "/auth/uninstall".to_owned(), None, None),
        (Way::Linear, _) => ("POST", "/oauth/revoke".to_owned(), None, None),
        (Way::Onelogin, Credentials::Oauth2Cc(cc)) => {
            let proof = format!("client_id:{}, client_secret:{}", cc.client_id, cc.client_secret.expose());
            let body = json!({ "access_token": cc.token.expose() }).to_string();
            ("POST", "/auth/oauth2/revoke".to_owned(), Some(proof), Some(body))
        }
        _ => return Ok(()),
    };
    let view = CredentialView::from(credentials);
    let values = IntegrationValues::of(party.integration);
    let moment = Moment::new(party.now.millis(), party.random.uuid_v4().to_string());
    let headers = match &body {
        Some(_) => vec![("content-type".to_owned(), "application/json".to_owned())],
        None => Vec::new(),
    };
    let request = outgoing::build(&Call {
        provider: Some(party.provider),
        connection: ConnectionFacts {
            connection_id: party.connection_id,
            connection_config: party.connection_config,
            metadata,
            credentials: &view,
        },
        integration: values.facts(),
        method,
        endpoint: &endpoint,
        base_override: None,
        headers: &headers,
        body: match &body {
            Some(body) => CallBody::Bytes(body.as_bytes()),
            None => CallBody::Absent,
        },
        moment: &moment,
        nonce: &party.random.alphanumeric(NONCE_CHARS),
    })
    .map_err(|error| ObtainError::Unbuildable(error.to_string()))?;
    send(party, request, authorization, body).await
}

/// Sends the call; of the answer only the status matters.
async fn send(
    party: &Party<'_>,
    request: Request,
    authorization: Option<String>,
    body: Option<String>,
) -> Result<(), ObtainError> {
    let unfit = || ObtainError::Unbuildable("a value cannot stand in a header".to_owned());
    let bytes = request.body.map(Body::full).or_else(|| body.map(Body::full)).unwrap_or_default();
    let mut built = http::Request::builder()
        .method(request.method.as_str())
        .uri(request.url.as_str())
        .body(bytes)
        .map_err(|_| unfit())?;
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|_| unfit())?;
        built.headers_mut().insert(name, HeaderValue::try_from(value.as_str()).map_err(|_| unfit())?);
    }
    match authorization.as_deref() {
        None => {}
        Some("") => {
            built.headers_mut().remove(AUTHORIZATION);
        }
        Some(text) => {
            built.headers_mut().insert(AUTHORIZATION, HeaderValue::try_from(text).map_err(|_| unfit())?);
        }
    }
    let options = SendOptions::default().total(TOKEN_DEADLINE).redirects(Redirects::None);
    let unavailable = |status, detail| ObtainError::Unavailable { status, retry_after: None, detail };
    let answer = party
        .egress
        .send(built, options)
        .await
        .map_err(|error| unavailable(None, Some(error.code().to_owned())))?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status if status.is_server_error() || matches!(status.as_u16(), 408 | 429) => {
            Err(unavailable(Some(status.as_u16()), None))
        }
        status => Err(ObtainError::Refused { status: status.as_u16(), code: None, detail: None }),
    }
}
