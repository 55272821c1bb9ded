//! New credentials for a connection that has some: the one entry for every mode that can renew.

use dovetail_catalog::Provider;
use dovetail_model::{AuthMode, Credentials};

use crate::modes::{
    app, aws_sigv4, bill, custom, jwt, mcp_oauth2, mcp_oauth2_generic, oauth2, oauth2_cc, signature, two_step,
};
use crate::obtain::{ObtainError, Obtained, Party};

/// Whether credentials of this kind can be renewed at all without the end user.
pub fn is_renewable(provider: Option<&Provider>, credentials: &Credentials) -> bool {
    let renews_itself = || {
        provider.and_then(|provider| provider.token_client.as_ref()).is_some_and(|call| call.renews_itself)
    };
    match credentials {
        Credentials::Oauth2(tokens) => {
            tokens.refresh_token.is_some() || (!tokens.access_token.is_empty() && renews_itself())
        }
        Credentials::Oauth2Cc(_)
        | Credentials::App(_)
        | Credentials::Custom(_)
        | Credentials::Jwt(_)
        | Credentials::TwoStep(_)
        | Credentials::Bill(_)
        | Credentials::Signature(_)
        | Credentials::AwsSigv4(_) => true,
        Credentials::Oauth1(_)
        | Credentials::ApiKey(_)
        | Credentials::Basic(_)
        | Credentials::Tba(_)
        | Credentials::None => false,
    }
}

/// Asks the provider for new credentials, once. It neither waits nor retries, nor does it store anything.
pub async fn renew(party: &Party<'_>, credentials: &Credentials) -> Result<Obtained, ObtainError> {
    match credentials {
        Credentials::Oauth2(tokens) => match party.provider.auth_mode() {
            AuthMode::McpOauth2 => mcp_oauth2::renew(party, tokens).await,
            AuthMode::McpOauth2Generic => mcp_oauth2_generic::renew(party, tokens).await,
            _ => oauth2::renew(party, tokens).await,
        },
        Credentials::Oauth2Cc(stored) => oauth2_cc::renew(party, stored).await,
        Credentials::Jwt(stored) => jwt::renew(party, stored),
        Credentials::TwoStep(stored) => two_step::renew(party, stored).await,
        Credentials::Bill(stored) => bill::renew(party, stored).await,
        Credentials::Signature(stored) => signature::renew(party, stored),
        Credentials::AwsSigv4(stored) => aws_sigv4::renew(party, stored).await,
        Credentials::App(stored) => app::renew(party, stored).await,
        Credentials::Custom(stored) => custom::renew(party, stored).await,
        Credentials::Oauth1(_)
        | Credentials::ApiKey(_)
        | Credentials::Basic(_)
        | Credentials::Tba(_)
        | Credentials::None => Err(ObtainError::NotRenewable),
    }
}
