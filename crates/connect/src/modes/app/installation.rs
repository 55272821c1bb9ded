//! What can be asked about an installation with the app's own key.

use dovetail_catalog::{BodyFormat, RequestMethod};
use dovetail_model::{AppCredentials, AuthMode, Secret, SecretJson, Timestamp};
use serde_json::{Map, Value, json};
use url::Url;

use crate::flow::{Arrival, Departed, Departure, FlowError, FlowErrorKind, Progress};
use crate::obtain::{ObtainError, Party};
use crate::token_request::{
    SigningKey, TokenRequest, Values, expires_at, render_url, sign_jwt, token_template_of,
};

/// How long the app's JWT is good, in seconds; services take ten minutes at most, and their clocks may differ.
const JWT_SECONDS: i64 = 540;
/// How far back it is dated, in seconds.
const JWT_EARLIER: i64 = 60;
/// The media type that the service wants to be asked in.
const MEDIA_TYPE: &str = "application/vnd.github.v3+json";

/// An app of the integration's owner.
#[derive(Clone, Copy)]
pub(crate) struct App<'a> {
    pub(crate) id: &'a str,
    pub(crate) link: &'a str,
    pub(crate) key: &'a str,
}

/// Sends the browser to the page where the app is installed.
pub(crate) fn leave(departure: &Departure<'_>, link: &str) -> Result<Departed, FlowError> {
    let bad = || {
        FlowError::new(FlowErrorKind::Integration, "The link of the integration's app is not an https URL.")
    };
    let mut url =
        Url::parse(&format!("{}/installations/new", link.trim_end_matches('/'))).map_err(|_| bad())?;
    if url.scheme() != "https" {
        return Err(bad());
    }
    url.query_pairs_mut().append_pair("state", departure.state);
    let party = &departure.party;
    let mut progress = Progress {
        redirect_uri: departure.redirect_uri.to_owned(),
        config: party.connection_config.clone(),
        sent: departure.sent.to_vec(),
        owner_config: departure.owner_config.clone(),
        ..Progress::default()
    };
    progress.begin(party.now);
    Ok(Departed { url, progress })
}

/// The installation that the browser came back from: it becomes part of a path.
pub(crate) fn installation_id<'a>(arrival: &Arrival<'a>) -> Result<&'a str, FlowError> {
    let given =
        arrival.params.iter().find(|(name, _)| name == "installation_id").map(|(_, value)| value.as_str());
    given.filter(|id| is_installation(id)).ok_or_else(|| {
        let message = format!("{} did not say what was installed.", arrival.party.provider.display_name);
        FlowError::new(FlowErrorKind::Callback, message)
    })
}

/// Whether a text can be the number of an installation.
pub(crate) fn is_installation(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the installation was made or changed since the browser was sent away. Its id is in an address that anybody
/// can type; that it is of this app, and of now, the service alone knows.
pub(crate) async fn is_fresh(
    party: &Party<'_>,
    app: &App<'_>,
    progress: &Progress,
) -> Result<bool, ObtainError> {
    let mut url = token_url(party)?;
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop();
    }
    let mut request = TokenRequest::post(url, BodyFormat::Query);
    request.method = RequestMethod::Get;
    request.headers = headers(&jwt(party, app)?);
    let answer = request.send(party).await?;
    let at = |name: &str| answer.body.get(name).and_then(|value| expires_at(value, party.now));
    let last = at("updated_at").max(at("created_at"));
    let same_app = answer.body.get("app_id").is_none_or(|id| id.to_string().trim_matches('"') == app.id);
    Ok(same_app && last.is_some_and(|last| progress.is_since(last)))
}

/// A token of the installation that the connection's configuration names.
pub(crate) async fn issue(party: &Party<'_>, app: &App<'_>) -> Result<AppCredentials, ObtainError> {
    let jwt = jwt(party, app)?;
    let mut request = TokenRequest::post(token_url(party)?, BodyFormat::Json);
    request.headers = headers(&jwt);
    let answer = request.send(party).await?;
    let token = answer.body.get("token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| ObtainError::Unreadable("it holds no installation token".to_owned()))?;
    Ok(AppCredentials {
        access_token: Secret::new(token),
        expires_at: answer.body.get("expires_at").and_then(|value| expires_at(value, party.now)),
        jwt_token: Some(Secret::new(jwt)),
        raw: SecretJson::new(answer.body.clone()),
    })
}

/// Where tokens of the installation are issued.
pub(crate) fn token_url(party: &Party<'_>) -> Result<Url, ObtainError> {
    let values = Values::of(party);
    render_url(token_template_of(party, AuthMode::App)?, &values.context(party.connection_config))
}

/// A JWT of the app.
pub(super) fn jwt(party: &Party<'_>, app: &App<'_>) -> Result<String, ObtainError> {
    let now: Timestamp = party.now;
    let seconds = now.0.div_euclid(1_000);
    let claims = json!({"iat": seconds - JWT_EARLIER, "exp": seconds + JWT_SECONDS, "iss": app.id});
    sign_jwt(&SigningKey::parse(app.key)?, Map::new(), &claims)
}

/// Headers of a request to the service with this bearer token.
pub(crate) fn headers(token: &str) -> Vec<(String, String)> {
    vec![
        ("authorization".to_owned(), format!("Bearer {token}")),
        ("accept".to_owned(), MEDIA_TYPE.to_owned()),
    ]
}
