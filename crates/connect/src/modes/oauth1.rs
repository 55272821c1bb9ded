//! OAUTH1: OAuth 1.0a with three legs (RFC 5849, auth-modes.md section 5).

use dovetail_catalog::outgoing::{Oauth1, Oauth1Request, oauth1_authorization};
use dovetail_catalog::template::{Mode, Template};
use dovetail_catalog::{BodyFormat, OrderedMap, RequestMethod, SignatureMethod, template::Tree};
use dovetail_model::{Credentials, Oauth1Credentials, SecretJson};
use serde_json::{Map, Value};
use url::Url;

use super::oauth2::OauthClient;
use crate::flow::{
    Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, Progress, captured, settled,
};
use crate::limits::NONCE_CHARS;
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_request::{TokenRequest, Values, render_params, render_url};

/// Gets a request token, and sends the browser to have it authorized.
pub(crate) async fn depart(departure: Departure<'_>) -> Result<Departed, FlowError> {
    let Departure { party, state, redirect_uri, .. } = departure;
    let provider = party.provider;
    let client = OauthClient::of(&party)?;
    let unbuildable = |error: ObtainError| FlowError::unbuildable(&error);
    let callback = callback(redirect_uri, state).map_err(unbuildable)?;
    let leg = Leg {
        template: provider.request_url.as_ref(),
        method: provider.request_http_method,
        params: &provider.request_params,
        more: &[("oauth_callback", callback.as_str())],
        token: ("", ""),
    };
    let refused = |error: ObtainError| {
        let message = format!("{} gave no request token: {error}", provider.display_name);
        FlowError::new(FlowErrorKind::Token, message)
    };
    let answer = ask(&party, &client, leg).await.map_err(refused)?;
    let (token, secret) = pair(&answer).map_err(refused)?;

    let values = Values::of(&party);
    let context = values.context(party.connection_config);
    let template = provider.authorization_url.as_ref();
    let mut url = template
        .ok_or_else(|| ObtainError::Unbuildable("the definition has no authorization URL".to_owned()))
        .and_then(|template| render_url(template, &context))
        .map_err(unbuildable)?;
    let params = render_params(&provider.authorization_params, Mode::Tree, &context).map_err(unbuildable)?;
    let scopes = scopes(&departure);
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("oauth_token", &token);
        if !scopes.is_empty() {
            query.append_pair("scope", &scopes);
        }
        for (name, value) in &params {
            query.append_pair(name, value.as_str().unwrap_or(&value.to_string()));
        }
        query.append_pair("oauth_callback", callback.as_str());
    }
    let progress = Progress {
        redirect_uri: redirect_uri.to_owned(),
        config: party.connection_config.clone(),
        sent: departure.sent.to_vec(),
        owner_config: departure.owner_config.clone(),
        request_token: Some(token),
        request_token_secret: Some(secret),
        ..Progress::default()
    };
    Ok(Departed { url, progress })
}

/// Exchanges the authorized request token.
pub(crate) async fn arrive(arrival: Arrival<'_>) -> Result<Arrived, FlowError> {
    let Arrival { party, progress, .. } = arrival;
    let provider = party.provider;
    let (Some(token), Some(verifier)) = (arrival.param("oauth_token"), arrival.param("oauth_verifier"))
    else {
        let message = format!("{} did not authorize the connection.", provider.display_name);
        return Err(FlowError::new(FlowErrorKind::Callback, message));
    };
    let (Some(issued), Some(secret)) = (&progress.request_token, &progress.request_token_secret) else {
        return Err(FlowError::new(FlowErrorKind::State, "This attempt has no request token."));
    };
    if issued != token {
        let message = "The request token is not the one that this attempt got. Nothing was linked.";
        return Err(FlowError::new(FlowErrorKind::State, message));
    }
    let client = OauthClient::of(&party)?;
    let leg = Leg {
        template: provider.token_url.as_ref().and_then(|url| url.get(provider.auth_mode().as_str())),
        method: provider.token_http_method,
        params: &provider.token_params,
        more: &[("oauth_verifier", verifier)],
        token: (token, secret),
    };
    let failed = |error: ObtainError| FlowError::exchange(&provider.display_name, &error);
    let answer = ask(&party, &client, leg).await.map_err(failed)?;
    let (token, secret) = pair(&answer).map_err(failed)?;
    let credentials = Credentials::Oauth1(Oauth1Credentials {
        oauth_token: token.into(),
        oauth_token_secret: secret.into(),
        raw: SecretJson::new(answer),
    });
    let config = settled(progress, &captured(provider, &arrival));
    Ok(Arrived { obtained: Obtained { credentials, config }, pending: false })
}

/// The callback with the state in its query: OAuth 1 has no parameter for it.
fn callback(redirect_uri: &str, state: &str) -> Result<Url, ObtainError> {
    let mut url = Url::parse(redirect_uri)
        .map_err(|_| ObtainError::Unbuildable("the callback URL is not valid".to_owned()))?;
    url.query_pairs_mut().append_pair("state", state);
    Ok(url)
}

fn scopes(departure: &Departure<'_>) -> String {
    let own = super::oauth2::scopes(departure);
    own.join(departure.party.provider.scope_separator.as_deref().unwrap_or(" "))
}

/// One signed request for a token.
struct Leg<'a> {
    template: Option<&'a Template>,
    method: Option<RequestMethod>,
    params: &'a OrderedMap<Tree>,
    more: &'a [(&'a str, &'a str)],
    /// Token and its secret, where there is one yet.
    token: (&'a str, &'a str),
}

async fn ask(party: &Party<'_>, client: &OauthClient<'_>, leg: Leg<'_>) -> Result<Value, ObtainError> {
    let values = Values::of(party);
    let context = values.context(party.connection_config);
    let missing = || ObtainError::Unbuildable("the definition lacks a URL of this mode".to_owned());
    let url = render_url(leg.template.ok_or_else(missing)?, &context)?;
    let mut request = TokenRequest::post(url, BodyFormat::Form);
    request.method = leg.method.unwrap_or(RequestMethod::Post);
    request.params = render_params(leg.params, Mode::Tree, &context)?;
    let form: Vec<(String, String)> = request
        .params
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    let keys = Oauth1 {
        consumer_key: client.id,
        consumer_secret: client.secret,
        token: leg.token.0,
        token_secret: leg.token.1,
        method: party.provider.signature_method.unwrap_or(SignatureMethod::HmacSha1),
        realm: None,
    };
    let signed = Oauth1Request {
        method: request.method.as_str(),
        url: &request.url,
        form: &form,
        more: leg.more,
        timestamp: party.now.millis().div_euclid(1_000),
        nonce: &party.random.alphanumeric(NONCE_CHARS),
    };
    let header =
        oauth1_authorization(&keys, &signed).map_err(|error| ObtainError::Unbuildable(error.to_string()))?;
    request.headers.push(("authorization".to_owned(), header));
    request.headers.push(("accept".to_owned(), "*/*".to_owned()));
    request.secrets = vec![client.secret.to_owned(), leg.token.1.to_owned()];
    let answer = request.send(party).await?;
    match answer.refusal() {
        Some(refusal) => Err(refusal),
        None => Ok(answer.body),
    }
}

/// Token and secret of an answer.
fn pair(answer: &Value) -> Result<(String, String), ObtainError> {
    let empty = Map::new();
    let members = answer.as_object().unwrap_or(&empty);
    let text = |name: &str| {
        members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    match (text("oauth_token"), text("oauth_token_secret")) {
        (Some(token), Some(secret)) => Ok((token, secret)),
        _ => Err(ObtainError::Unreadable("it has no token with its secret".to_owned())),
    }
}
