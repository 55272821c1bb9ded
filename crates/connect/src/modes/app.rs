//! `APP`: the installation of an app (GitHub; auth-modes.md section 9).

mod installation;

pub(crate) use installation::{App, headers, installation_id, is_installation, issue, leave, token_url};

use dovetail_model::{AppCredentials, Credentials, IntegrationClient, Secret};
use serde_json::{Map, Value};

use crate::flow::{Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, captured, settled};
use crate::obtain::{ObtainError, Obtained, Party};

/// Sends the browser to the page where the app is installed.
pub(crate) fn depart(departure: Departure<'_>) -> Result<Departed, FlowError> {
    let app = App::of(departure.party.integration).ok_or_else(no_app)?;
    leave(&departure, app.link)
}

/// Issues a token for the installation that the browser comes back from.
pub(crate) async fn arrive(arrival: Arrival<'_>) -> Result<Arrived, FlowError> {
    let Arrival { party, progress, .. } = arrival;
    let name = &party.provider.display_name;
    let app = App::of(party.integration).ok_or_else(no_app)?;
    if arrival.param("setup_action") == Some("request") {
        let message = "The installation has to be approved first. Link the account when it is.";
        return Err(FlowError::new(FlowErrorKind::Callback, message));
    }
    let id = installation_id(&arrival)?;
    let failed = |error: ObtainError| FlowError::exchange(name, &error);
    let config = with_installation(settled(progress, &captured(party.provider, &arrival)), id, app.id);
    let party = Party { connection_config: &config, ..party };
    if !installation::is_fresh(&party, &app, progress).await.map_err(failed)? {
        return Err(not_theirs());
    }
    let credentials = issue(&party, &app).await.map_err(failed)?;
    let obtained = Obtained { credentials: Credentials::App(credentials), config };
    Ok(Arrived { obtained, pending: false })
}

/// Another token for the same installation.
pub(crate) async fn renew(party: &Party<'_>, _old: &AppCredentials) -> Result<Obtained, ObtainError> {
    let app = app_of(party)?;
    let credentials = issue(party, &app).await?;
    Ok(Obtained { credentials: Credentials::App(credentials), config: Map::new() })
}

/// The token of an installation that somebody vouches for, and the configuration by which it is known.
pub(crate) async fn issued(
    party: Party<'_>,
    installation: &str,
) -> Result<(Map<String, Value>, AppCredentials), ObtainError> {
    let app = app_of(&party)?;
    if !is_installation(installation) {
        return Err(ObtainError::Unbuildable("the installation id is not a number".to_owned()));
    }
    let config = with_installation(party.connection_config.clone(), installation, app.id);
    let credentials = issue(&Party { connection_config: &config, ..party }, &app).await?;
    Ok((config, credentials))
}

/// A connection of an installation that the product imports.
pub async fn installed(party: Party<'_>, installation: &str) -> Result<Obtained, ObtainError> {
    let (config, credentials) = issued(party, installation).await?;
    Ok(Obtained { credentials: Credentials::App(credentials), config })
}

/// A JWT of the app itself, signed now.
pub fn app_jwt(party: &Party<'_>) -> Result<Secret, ObtainError> {
    installation::jwt(party, &app_of(party)?).map(Secret::new)
}

fn app_of<'a>(party: &Party<'a>) -> Result<App<'a>, ObtainError> {
    App::of(party.integration)
        .ok_or_else(|| ObtainError::Unbuildable("the integration has no app".to_owned()))
}

/// The configuration by which the connection knows its installation.
pub(crate) fn with_installation(mut config: Map<String, Value>, id: &str, app: &str) -> Map<String, Value> {
    config.insert("installation_id".to_owned(), Value::from(id));
    config.insert("app_id".to_owned(), Value::from(app));
    config
}

pub(crate) fn no_app() -> FlowError {
    let message = "This integration has no app yet. Its owner has to add its id, link and private key.";
    FlowError::new(FlowErrorKind::Integration, message)
}

pub(crate) fn not_theirs() -> FlowError {
    let message = "This installation was not made by the attempt that came back with it. Start again, and install or \
                   configure the app when you are asked.";
    FlowError::new(FlowErrorKind::State, message)
}

impl<'a> App<'a> {
    /// The app of an integration.
    pub(crate) fn of(integration: &'a dovetail_model::Integration) -> Option<Self> {
        let (id, link, key) = match &integration.secrets.client {
            IntegrationClient::App { app_id, app_link, private_key }
            | IntegrationClient::Custom { app_id, app_link, private_key, .. } => {
                (app_id, app_link, private_key)
            }
            IntegrationClient::None | IntegrationClient::Oauth { .. } => return None,
        };
        (!id.is_empty() && !link.is_empty() && !key.is_empty()).then_some(Self {
            id,
            link,
            key: key.expose(),
        })
    }
}
