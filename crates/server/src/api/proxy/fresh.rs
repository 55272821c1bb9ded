//! Credentials that are fresh before the call, and once more when the provider refuses them (proxy.md 13).

use std::sync::Arc;

use dovetail_catalog::outgoing::CredentialView;
use dovetail_connect::refresh::machine::Wish;
use dovetail_connect::refresh::{RefreshError, is_fresh};
use dovetail_connect::renew::is_renewable;
use dovetail_model::Credentials;
use dovetail_proxy::{Renew, RenewFuture};
use dovetail_store::connections::SealedConnection;
use http::StatusCode;

use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// The connection with credentials that can be used.
pub(super) async fn usable(
    app: &AppState,
    sealed: Arc<SealedConnection>,
) -> ApiResult<Arc<SealedConnection>> {
    if is_fresh(&sealed.info, app.now()) {
        return Ok(sealed);
    }
    Box::pin(app.refresher.refresh(&sealed, Wish::IfDue)).await.map_err(refused)
}

/// The connection waits for the provider to announce the installation: it has no credentials yet.
pub(super) fn waits() -> ApiError {
    ApiError::new(ErrorCode::ServerErrorProxy)
        .message("Failed to get connection credentials: 'The connection waits for the installation at the provider.'")
        .status(StatusCode::FAILED_DEPENDENCY)
}

/// The caller's answer when there are none (proxy.md 15).
fn refused(error: RefreshError) -> ApiError {
    let failed = |reason: &str| {
        ApiError::new(ErrorCode::ServerErrorProxy)
            .message(format!("Failed to get connection credentials: '{reason}'"))
    };
    match error {
        RefreshError::Gone => ApiError::new(ErrorCode::ServerErrorProxy)
            .message("Failed to get connection")
            .with("reason", ErrorCode::UnknownConnection.row().wire),
        RefreshError::HeldBack { .. } | RefreshError::Busy => {
            ApiError::new(ErrorCode::ConnectionRefreshBackoff)
                .message("A recent refresh attempt failed. Backing off before retrying.")
        }
        RefreshError::Exhausted { .. } => failed("The refresh limit has been reached for this connection.")
            .status(StatusCode::FAILED_DEPENDENCY),
        RefreshError::Expired => failed(&error.to_string()).status(StatusCode::FAILED_DEPENDENCY),
        RefreshError::Failed { .. } => failed(&error.to_string()),
        RefreshError::Store => ApiError::internal(error),
    }
}

/// Renews the credentials of one call.
pub(super) struct Renewing<'a> {
    app: &'a AppState,
    sealed: &'a Arc<SealedConnection>,
}

impl<'a> Renewing<'a> {
    /// `None` when there is nothing to renew them with.
    pub(super) fn of(
        app: &'a AppState,
        sealed: &'a Arc<SealedConnection>,
        credentials: &Credentials,
    ) -> Option<Self> {
        let provider = app.catalog.current().shared(&sealed.info.provider);
        is_renewable(provider.as_deref(), credentials).then_some(Self { app, sealed })
    }
}

impl Renew for Renewing<'_> {
    fn renew<'a>(&'a self, _: &'a CredentialView) -> RenewFuture<'a> {
        Box::pin(async move {
            let wish = Wish::Refused { version: self.sealed.version };
            match self.app.refresher.refresh(self.sealed, wish).await {
                // Nothing newer is to be had: the refusal is the answer.
                Ok(fresh) if fresh.version == self.sealed.version => Ok(None),
                Ok(fresh) => {
                    let credentials = fresh.open_credentials().map_err(|error| error.to_string())?;
                    Ok(Some(CredentialView::from(&credentials)))
                }
                // The provider's own refusal says more than ours would.
                Err(error) => {
                    tracing::debug!(%error, "credentials that were refused could not be renewed");
                    Ok(None)
                }
            }
        })
    }
}
