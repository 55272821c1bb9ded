//! `/dashboard/{environment}/settings`.

mod connect_page;
mod general;
mod keys;
mod logo;
mod scope_groups;
mod seal;
mod variables;
pub(super) mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::limits::UPLOAD_BYTES;
use crate::state::AppState;

/// Routes of this area.
pub(super) fn routes() -> Router<AppState> {
    const CONNECT_PAGE: &str = "/dashboard/{environment}/settings/connect-page";
    Router::new()
        .route("/dashboard/{environment}/settings", get(general::show).post(general::save))
        .route("/dashboard/{environment}/settings/delete", post(general::delete))
        .route("/dashboard/{environment}/settings/seal", post(seal::seal))
        .route("/dashboard/{environment}/settings/unseal", post(seal::unseal))
        .route("/dashboard/{environment}/settings/webhooks", get(webhooks::show).post(webhooks::save))
        .route("/dashboard/{environment}/settings/webhooks/reveal", post(webhooks::reveal))
        .route("/dashboard/{environment}/settings/webhooks/rotate", post(webhooks::rotate))
        .route("/dashboard/{environment}/settings/variables", get(variables::show).post(variables::save))
        .route("/dashboard/{environment}/settings/variables/reveal", post(variables::reveal))
        .route("/dashboard/{environment}/settings/variables/delete", post(variables::delete))
        .route(CONNECT_PAGE, get(connect_page::show).post(connect_page::save))
        .route(
            &format!("{CONNECT_PAGE}/logo"),
            get(logo::show).post(logo::upload).layer(DefaultBodyLimit::max(UPLOAD_BYTES)),
        )
        .route(&format!("{CONNECT_PAGE}/logo/remove"), post(logo::remove))
        .merge(keys::routes())
}

/// The tabs of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    General,
    Keys,
    Webhooks,
    ConnectPage,
    Variables,
}

impl Tab {
    pub(super) const ALL: &[Self] =
        &[Self::General, Self::Keys, Self::Webhooks, Self::ConnectPage, Self::Variables];

    /// Below `/dashboard/{environment}/settings`.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::General => "",
            Self::Keys => "/keys",
            Self::Webhooks => "/webhooks",
            Self::ConnectPage => "/connect-page",
            Self::Variables => "/variables",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::General => "General",
            Self::Keys => "API keys",
            Self::Webhooks => "Webhooks",
            Self::ConnectPage => "Connect page",
            Self::Variables => "Variables",
        }
    }
}
