//! Who is calling, by address and browser.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::USER_AGENT;
use http::request::Parts;

use super::audit::Origin;
use super::limits::USER_AGENT_CHARS;
use crate::call::client_ip;
use crate::state::AppState;

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            address: client_ip::read(parts, app.config.trust_proxy),
            agent: agent.chars().take(USER_AGENT_CHARS).collect(),
        })
    }
}
