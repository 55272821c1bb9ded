//! `INSTALL_PLUGIN`: a plug-in of the product's owner, which an end user installs at the service (Crisp; auth-modes.md
//! section 11). All connections have the plug-in's own credentials; what tells them apart is where it is installed, and
//! that is in an address which anybody can type: it counts once the service has confirmed it.

use dovetail_model::{BasicCredentials, Credentials, Integration, Secret};
use url::Url;

use crate::flow::{Arrival, Arrived, Departed, Departure, FlowError, FlowErrorKind, Progress, captured};
use crate::obtain::Obtained;
use crate::routines::installations;

/// Free value of the integration: where an end user installs the plug-in.
pub const APP_LINK: &str = "app_link";
/// Free value of the integration: the plug-in's identifier at the service.
pub const USERNAME: &str = "username";
/// Free value of the integration: the plug-in's key at the service.
pub const PASSWORD: &str = "password";

/// The parameter by which the page takes the state along, and brings it back.
const STATE: &str = "payload";

/// The longest value of a callback that becomes part of a path, in characters: a UUID is shorter.
const PLACE_CHARS: usize = 64;

/// The plug-in of an integration.
struct Plugin<'a> {
    link: &'a str,
    username: &'a str,
    password: &'a str,
}

impl<'a> Plugin<'a> {
    fn of(integration: &'a Integration) -> Result<Self, FlowError> {
        let value = |name: &str| {
            integration.secrets.custom.get(name).map(Secret::expose).filter(|value| !value.is_empty())
        };
        match (value(APP_LINK), value(USERNAME), value(PASSWORD)) {
            (Some(link), Some(username), Some(password)) => Ok(Self { link, username, password }),
            _ => {
                let message = "This integration has no plug-in yet. Its owner has to add its link, user name and \
                               password.";
                Err(FlowError::new(FlowErrorKind::Integration, message))
            }
        }
    }

    fn credentials(&self) -> Credentials {
        Credentials::Basic(BasicCredentials {
            username: self.username.to_owned(),
            password: Secret::new(self.password),
        })
    }
}

/// Sends the browser to the page where the plug-in is installed.
pub(crate) fn depart(departure: Departure<'_>) -> Result<Departed, FlowError> {
    let party = &departure.party;
    let plugin = Plugin::of(party.integration)?;
    let url = Url::parse(plugin.link).ok().filter(|url| url.scheme() == "https");
    let mut url = url.ok_or_else(|| {
        let message = "The link of the integration's plug-in is not an https URL.";
        FlowError::new(FlowErrorKind::Integration, message)
    })?;
    url.query_pairs_mut().append_pair(STATE, departure.state);
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

/// Asks the service whether the plug-in was installed where the browser comes back from.
pub(crate) async fn arrive(arrival: Arrival<'_>) -> Result<Arrived, FlowError> {
    let Arrival { party, progress, .. } = arrival;
    let plugin = Plugin::of(party.integration)?;
    let said = captured(party.provider, &arrival);
    for name in &party.provider.redirect_uri_metadata {
        if !said.get(name).and_then(serde_json::Value::as_str).is_some_and(is_place) {
            let message =
                format!("{} did not say where the plug-in was installed.", party.provider.display_name);
            return Err(FlowError::new(FlowErrorKind::Callback, message));
        }
    }
    // Where it is installed is what was confirmed, whatever was configured before.
    let config = crate::config::overlaid(progress.config.clone(), &said);
    let credentials = plugin.credentials();
    let party = crate::obtain::Party { connection_config: &config, ..party };
    installations::confirm(party, &credentials, &arrival).await?;
    Ok(Arrived { obtained: Obtained { credentials, config }, pending: false })
}

/// What may become a segment of a path.
fn is_place(value: &str) -> bool {
    (1..=PLACE_CHARS).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
