//! Who is calling, by address.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::call::client_ip;
use crate::state::AppState;

/// The caller's address; `None` in memory (tests).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub Option<IpAddr>);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        Ok(Self(client_ip::read(parts, app.config.trust_proxy)))
    }
}
