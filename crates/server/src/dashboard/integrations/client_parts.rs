//! Which parts the product's own side of an integration has, by auth mode.

use dovetail_catalog::{ClientRegistration, Provider};
use dovetail_model::AuthMode;

/// The parts of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Client id and secret.
    pub(super) client: bool,
    /// Scopes.
    pub(super) scopes: bool,
    /// App id, app link and private key.
    pub(super) app: bool,
    /// Link, user name and password of a plug-in.
    pub(super) plugin: bool,
    /// Name, page and logo to register with.
    pub(super) named: bool,
    /// A secret for the service's webhooks.
    pub(super) webhook_secret: bool,
}

impl Parts {
    /// The parts that a provider needs.
    pub(super) fn of(provider: &Provider) -> Self {
        let of_mode = match provider.auth_mode() {
            AuthMode::Oauth1 | AuthMode::Oauth2 => Self { client: true, scopes: true, ..Self::default() },
            AuthMode::Tba => Self { client: true, ..Self::default() },
            AuthMode::Oauth2Cc => Self { scopes: true, ..Self::default() },
            AuthMode::App => Self { app: true, ..Self::default() },
            AuthMode::Custom => Self { client: true, app: true, ..Self::default() },
            AuthMode::McpOauth2 if provider.client_registration == Some(ClientRegistration::Static) => {
                Self { client: true, scopes: true, ..Self::default() }
            }
            AuthMode::McpOauth2Generic => Self { named: true, ..Self::default() },
            AuthMode::InstallPlugin => Self { plugin: true, ..Self::default() },
            _ => Self::default(),
        };
        // Values of their own are either declared or free, never both.
        let has_place = of_mode.client && !of_mode.app || provider.integration_config.is_empty();
        let webhook_secret = provider.webhook_user_defined_secret && has_place;
        Self { webhook_secret, ..of_mode }
    }

    /// Whether there is any.
    pub(super) fn any(self) -> bool {
        self != Self::default()
    }
}
