//! A connection that has waited is linked (spec: auth-modes.md 4.5 and section 10). Whoever calls this has verified
//! that the word which completes it is the provider's own.

use dovetail_catalog::Provider;
use dovetail_connect::link::{self, Existing, Link, LinkError};
use dovetail_connect::obtain::Obtained;
use dovetail_connect::pending::is_pending;
use dovetail_connect::verify::{Report, Verdict};
use dovetail_model::{Actor, Environment, Integration, UrlOverride};
use dovetail_store::connections::{self, SealedConnection, TagsUpdate};

use super::after_linked::after_linked;
use super::announce::Announcer;
use super::log_link::Attempted;
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// Where a connection waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting<'a> {
    pub(crate) app: &'a AppState,
    pub(crate) environment: &'a Environment,
    pub(crate) integration: &'a Integration,
    pub(crate) provider: &'a Provider,
    pub(crate) connection: &'a SealedConnection,
}

impl Waiting<'_> {
    /// The completion in the activity log.
    pub(crate) fn attempted(&self) -> Attempted {
        Attempted::new(
            self.app,
            self.environment,
            self.integration,
            &self.connection.info.connection_id,
            &Actor::System,
            None,
        )
    }

    /// Stores what the provider gave, and tells the product.
    pub(crate) async fn complete(self, attempted: &Attempted, obtained: Obtained) -> ApiResult<()> {
        let gone = || ApiError::new(ErrorCode::InvalidConnection);
        let now = {
            let info = &self.connection.info;
            let mut db = self.app.store.read().await?;
            connections::by_row(&mut db, info.environment, info.id).await?.ok_or_else(gone)?
        };
        // The message came twice, or the account was linked by a browser meanwhile.
        if !is_pending(&now.public_config) {
            return Ok(());
        }
        let Obtained { credentials, mut config } = obtained;
        for mark in [dovetail_connect::pending::PENDING, dovetail_connect::pending::PENDING_LOG] {
            config.shift_remove(mark);
        }
        let stored = link::link(
            &self.app.store,
            &Announcer,
            Link {
                environment: self.environment,
                integration: self.integration,
                provider: self.provider,
                connection_id: now.info.connection_id.clone(),
                existing: Existing::Required,
                credentials: &credentials,
                verdict: Verdict::Accepted { status: ISSUED },
                config,
                metadata: None,
                tags: TagsUpdate::Keep,
                end_user: None,
                webhook_url: UrlOverride::Keep,
                operation: &attempted.operation,
            },
        )
        .await
        .map_err(|error| match error {
            LinkError::Gone => gone(),
            LinkError::Store(error) => error.into(),
        })?;
        let report = Report { outcome: Ok(Verdict::Accepted { status: ISSUED }), exchanges: Vec::new() };
        attempted.stored(self.app, &Actor::System, &report, &stored);
        after_linked(self.app, self.environment, self.integration, self.provider, stored, &credentials).await;
        Ok(())
    }
}

/// The status that a provider issues credentials with.
const ISSUED: u16 = 200;
