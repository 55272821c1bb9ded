//! Linking through a provider's own pages, whatever the mode: one step sends the browser away, another reads what it
//! brings back. What lies between is [`Progress`], which the caller seals and keeps.
//!
//! A mode that works this way has a file below `modes/` and an arm in [`depart`] and [`arrive`].

mod config;
mod error;
mod progress;

use dovetail_catalog::{Installation, Provider};
use dovetail_model::AuthMode;
use serde_json::{Map, Value};
use url::Url;

pub use error::{FlowError, FlowErrorKind};
pub use progress::Progress;

use crate::mcp::ClientBook;
use crate::modes::{app, custom, install_plugin, mcp_oauth2, mcp_oauth2_generic, oauth1, oauth2};
use crate::obtain::{Obtained, Party};

/// What the first step is made from. `party.connection_config` is the configuration that is known so far.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// Who links what.
    pub party: Party<'a>,
    /// The `state` that the browser brings back.
    pub state: &'a str,
    /// Where it comes back to.
    pub redirect_uri: &'a str,
    /// Names of configuration values that were sent with this attempt: they win over what the provider says.
    pub sent: &'a [String],
    /// Configuration that the product set, and not the end user.
    pub owner_config: &'a Map<String, Value>,
    /// Parameters of the authorization URL beside the definition's; `None` takes one away.
    pub authorization_params: &'a [(String, Option<String>)],
    /// Scopes in place of the integration's, comma separated.
    pub scopes: Option<&'a str>,
    /// Scopes of the user beside those of the app, comma separated.
    pub user_scopes: Option<&'a str>,
}

/// Where the browser goes, and what its return needs.
#[derive(Debug)]
pub struct Departed {
    /// The provider's page.
    pub url: Url,
    /// To be kept sealed until then.
    pub progress: Progress,
}

/// What the browser brought back.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Who links what; its `connection_config` is that of the progress.
    pub party: Party<'a>,
    /// From the first step.
    pub progress: &'a Progress,
    /// Parameters of the callback, decoded.
    pub params: &'a [(String, String)],
}

impl Arrival<'_> {
    /// A parameter that is not empty.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// A linked account that is to be stored.
#[derive(Debug)]
pub struct Arrived {
    /// Credentials, and the whole configuration of the connection.
    pub obtained: Obtained,
    /// Whether somebody at the provider has to approve it first.
    pub pending: bool,
}

/// Whether accounts of some provider of this mode are linked through its own pages.
pub const fn serves(mode: AuthMode) -> bool {
    matches!(
        mode,
        AuthMode::Oauth2
            | AuthMode::Oauth1
            | AuthMode::McpOauth2
            | AuthMode::McpOauth2Generic
            | AuthMode::App
            | AuthMode::Custom
            | AuthMode::InstallPlugin
    )
}

/// Whether accounts of this provider are linked through its own pages.
pub fn is_served(provider: &Provider) -> bool {
    serves(provider.auth_mode()) && provider.installation != Some(Installation::Outbound)
}

/// The first step.
/// `book` keeps the clients that had to be registered first.
pub async fn depart(departure: Departure<'_>, book: &dyn ClientBook) -> Result<Departed, FlowError> {
    match departure.party.provider.auth_mode() {
        AuthMode::Oauth2 => oauth2::depart(departure).await,
        AuthMode::Oauth1 => oauth1::depart(departure).await,
        AuthMode::App => app::depart(departure),
        AuthMode::Custom => custom::depart(departure),
        AuthMode::InstallPlugin => install_plugin::depart(departure),
        AuthMode::McpOauth2 => mcp_oauth2::depart(departure, book).await,
        AuthMode::McpOauth2Generic => mcp_oauth2_generic::depart(departure, book).await,
        mode => Err(FlowError::mode(mode)),
    }
}

/// The second step.
pub async fn arrive(arrival: Arrival<'_>) -> Result<Arrived, FlowError> {
    match arrival.party.provider.auth_mode() {
        AuthMode::Oauth2 => oauth2::arrive(arrival).await,
        AuthMode::Oauth1 => oauth1::arrive(arrival).await,
        AuthMode::App => app::arrive(arrival).await,
        AuthMode::Custom => custom::arrive(arrival).await,
        AuthMode::InstallPlugin => install_plugin::arrive(arrival).await,
        AuthMode::McpOauth2 => mcp_oauth2::arrive(arrival).await,
        AuthMode::McpOauth2Generic => mcp_oauth2_generic::arrive(arrival).await,
        mode => Err(FlowError::mode(mode)),
    }
}

pub(crate) use config::{captured, settled};
