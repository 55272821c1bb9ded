//! From what an end user submits to credentials: one file a mode.

mod api_key;
pub mod app;
pub mod aws_sigv4;
mod basic;
pub(crate) mod bill;
pub mod custom;
pub mod install_plugin;
pub(crate) mod jwt;
pub(crate) mod mcp_oauth2;
pub(crate) mod mcp_oauth2_generic;
mod none;
pub(crate) mod oauth1;
pub(crate) mod oauth2;
pub(crate) mod oauth2_cc;
pub(crate) mod signature;
mod tba;
pub(crate) mod two_step;

use dovetail_model::{AuthMode, Credentials};
use serde_json::{Map, Value};

use crate::obtain::{ObtainError, Obtained, Party};

/// Fields of a form that were validated against the definition.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    /// What becomes part of the credentials.
    pub credentials: &'a Map<String, Value>,
    /// What is used once and not kept (`assertionOption`).
    pub assertion_option: &'a Map<String, Value>,
}

impl std::fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form")
            .field("credentials", &self.credentials.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Whether accounts of this mode are linked by a form, as opposed to a visit at the provider.
pub const fn has_form(mode: AuthMode) -> bool {
    matches!(
        mode,
        AuthMode::ApiKey
            | AuthMode::Basic
            | AuthMode::None
            | AuthMode::Oauth2Cc
            | AuthMode::Jwt
            | AuthMode::TwoStep
            | AuthMode::Tba
            | AuthMode::Signature
            | AuthMode::Bill
            | AuthMode::AwsSigv4
    )
}

/// Whether the provider issues what accounts of this mode are linked with: then it has accepted the form, and there is
/// nothing left to test.
pub const fn is_issued(mode: AuthMode) -> bool {
    matches!(mode, AuthMode::Oauth2Cc | AuthMode::TwoStep | AuthMode::Bill | AuthMode::AwsSigv4)
}

/// Makes credentials from a form, asking the provider where the mode has to.
///
/// Errors: [`ObtainError::NotRenewable`] never; [`ObtainError::Unbuildable`] also for a mode without a form.
pub async fn obtain(party: &Party<'_>, form: Form<'_>) -> Result<Obtained, ObtainError> {
    let fields = form.credentials;
    match party.provider.auth_mode() {
        AuthMode::ApiKey => Ok(at_once(api_key::credentials(fields))),
        AuthMode::Basic => Ok(at_once(basic::credentials(fields))),
        AuthMode::None => Ok(at_once(none::credentials())),
        AuthMode::Oauth2Cc => oauth2_cc::obtain(party, fields).await,
        AuthMode::Jwt => jwt::obtain(party, fields),
        AuthMode::TwoStep => two_step::obtain(party, fields, form.assertion_option).await,
        AuthMode::Tba => tba::obtain(party, fields),
        AuthMode::Signature => signature::obtain(party, fields),
        AuthMode::Bill => bill::obtain(party, fields).await,
        AuthMode::AwsSigv4 => aws_sigv4::obtain(party, fields).await,
        mode @ (AuthMode::Oauth1
        | AuthMode::Oauth2
        | AuthMode::McpOauth2
        | AuthMode::McpOauth2Generic
        | AuthMode::App
        | AuthMode::Custom
        | AuthMode::InstallPlugin) => {
            Err(ObtainError::Unbuildable(format!("{mode} accounts are not linked by a form")))
        }
    }
}

fn at_once(credentials: Credentials) -> Obtained {
    Obtained { credentials, config: Map::new() }
}

/// A text among validated fields; absent ones are empty.
fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}
