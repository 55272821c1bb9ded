//! `CUSTOM`: the installation of an app together with the grant of the person who installed it (GitHub; auth-modes.md
//! section 10).

use dovetail_catalog::{BodyFormat, RequestMethod};
use dovetail_model::{AppCredentials, Credentials, CustomCredentials, Oauth2Credentials, SecretJson};
use serde_json::{Map, Value};
use url::Url;

use super::app::{
    App, headers, installation_id, issue, leave, no_app, not_theirs, token_url, with_installation,
};
use super::oauth2::{self, OauthClient, exchange, no_code, read_tokens};
use crate::flow::{Arrival, Arrived, Departed, Departure, FlowError, captured, settled};
use crate::obtain::{ObtainError, Obtained, Party};
use crate::pending::PENDING;
use crate::routines::after_link::USER_CREDENTIALS;
use crate::token_request::TokenRequest;

/// Pages of a person's installations that are read, and installations a page: nobody administers more.
const PAGES: usize = 10;
const PAGE_SIZE: usize = 100;

/// Sends the browser to the page where the app is installed.
pub(crate) fn depart(departure: Departure<'_>) -> Result<Departed, FlowError> {
    let app = App::of(departure.party.integration).ok_or_else(no_app)?;
    OauthClient::of(&departure.party)?;
    leave(&departure, app.link)
}

/// Exchanges the person's code, checks that the installation is theirs, and issues its token. Without an installation
/// the request waits for an administrator's approval.
pub(crate) async fn arrive(arrival: Arrival<'_>) -> Result<Arrived, FlowError> {
    let Arrival { party, progress, .. } = arrival;
    let name = &party.provider.display_name;
    let app = App::of(party.integration).ok_or_else(no_app)?;
    let code = arrival.param("code").ok_or_else(|| no_code(&arrival))?;
    let failed = |error: ObtainError| FlowError::exchange(name, &error);
    let config = settled(progress, &captured(party.provider, &arrival));
    let party = Party { connection_config: &config, ..party };
    let client = OauthClient::of(&party)?;
    let answer = exchange(&party, &client, progress, code).await?;
    let user = read_tokens(party.provider, answer.body, party.now).map_err(failed)?.into_credentials();
    if arrival.param("installation_id").is_none() && arrival.param("setup_action") == Some("request") {
        let mut config = config.clone();
        config.insert("app_id".to_owned(), Value::from(app.id));
        config.insert(PENDING.to_owned(), Value::from(true));
        let obtained = Obtained { credentials: Credentials::Oauth2(user), config };
        return Ok(Arrived { obtained, pending: true });
    }
    let id = installation_id(&arrival)?;
    let config = with_installation(config.clone(), id, app.id);
    let party = Party { connection_config: &config, ..party };
    if !is_theirs(&party, &user, id).await.map_err(failed)? {
        return Err(not_theirs());
    }
    let credentials = issue(&party, &app).await.map_err(failed)?;
    let obtained = Obtained { credentials: both(credentials, Some(user)), config };
    Ok(Arrived { obtained, pending: false })
}

/// The token of an installation that somebody vouches for: the product itself, or a signed message of the service.
/// Together with the grant of a person, where there is one.
pub async fn installed(
    party: Party<'_>,
    installation: &str,
    user: Option<Oauth2Credentials>,
) -> Result<Obtained, ObtainError> {
    let (config, app) = super::app::issued(party, installation).await?;
    Ok(Obtained { credentials: both(app, user), config })
}

/// Another token for the installation, and for the person where theirs expires. What ails the person's half does not
/// take the installation's away.
pub(crate) async fn renew(party: &Party<'_>, old: &CustomCredentials) -> Result<Obtained, ObtainError> {
    let app = App::of(party.integration)
        .ok_or_else(|| ObtainError::Unbuildable("the integration has no app".to_owned()))?;
    let installation = issue(party, &app).await?;
    let user = match &old.user {
        Some(user) if user.refresh_token.is_some() => match oauth2::renew(party, user).await {
            Ok(Obtained { credentials: Credentials::Oauth2(renewed), .. }) => Some(renewed),
            Ok(_) => old.user.clone(),
            Err(error) => {
                tracing::warn!(connection = party.connection_id, %error, "the person's half was not renewed");
                old.user.clone()
            }
        },
        user => user.clone(),
    };
    // Clients of the reference look for the person's tokens there.
    let told =
        user.iter().map(|user| (USER_CREDENTIALS.to_owned(), Credentials::Oauth2(user.clone()).to_stored()));
    let config = if user == old.user { Map::new() } else { told.collect() };
    Ok(Obtained { credentials: both(installation, user), config })
}

fn both(app: AppCredentials, user: Option<Oauth2Credentials>) -> Credentials {
    let raw = SecretJson::new(app.raw.expose().clone());
    Credentials::Custom(Box::new(CustomCredentials { app, user, raw }))
}

/// Whether the person may use the installation: it is among those that their own token sees.
async fn is_theirs(party: &Party<'_>, user: &Oauth2Credentials, id: &str) -> Result<bool, ObtainError> {
    for page in 1..=PAGES {
        let mut request = TokenRequest::post(installations(party, page)?, BodyFormat::Query);
        request.method = RequestMethod::Get;
        request.headers = headers(user.access_token.expose());
        let answer = request.send(party).await?;
        let Some(Value::Array(found)) = answer.body.get("installations") else {
            return Err(ObtainError::Unreadable("it lists no installations".to_owned()));
        };
        let known =
            |entry: &Value| entry.get("id").is_some_and(|known| known.to_string().trim_matches('"') == id);
        if found.iter().any(known) {
            return Ok(true);
        }
        if found.len() < PAGE_SIZE {
            return Ok(false);
        }
    }
    Ok(false)
}

/// `/user/installations` beside the installation's own address.
fn installations(party: &Party<'_>, page: usize) -> Result<Url, ObtainError> {
    let mut url = token_url(party)?;
    url.set_path("/user/installations");
    url.set_query(Some(&format!("per_page={PAGE_SIZE}&page={page}")));
    Ok(url)
}
