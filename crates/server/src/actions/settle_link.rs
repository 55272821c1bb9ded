//! The end of an attempt to link an account: test what can be tested, store, tell (spec: connect.md 5.1).

use dovetail_catalog::Provider;
use dovetail_connect::link::{self, Announce, Existing, Link, LinkError};
use dovetail_connect::verify::{Report, Subject, Verdict, verify};
use dovetail_model::{Actor, ConnectSession, Credentials, Environment, Integration};
use dovetail_store::connections::TagsUpdate;
use serde_json::{Map, Value};

use super::after_linked::after_linked;
use super::announce::SessionAnnouncer;
use super::link_account::Linked;
use super::log_link::Attempted;
use crate::popup::Outcome;
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// Credentials that are about to become a connection.
#[derive(Clone, Debug)]
pub(crate) struct Settling<'a> {
    pub(crate) app: &'a AppState,
    pub(crate) environment: &'a Environment,
    pub(crate) session: &'a ConnectSession,
    pub(crate) actor: &'a Actor,
    pub(crate) integration: &'a Integration,
    pub(crate) provider: &'a Provider,
    pub(crate) connection_id: String,
    pub(crate) existing: Existing,
    pub(crate) credentials: &'a Credentials,
    /// Configuration, laid over what a reconnected connection has.
    pub(crate) config: Map<String, Value>,
}

/// How it is known that credentials are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It is not yet: the definition's test decides, where there is one.
    Test,
    /// The provider has just issued them.
    Issued,
}

impl Settling<'_> {
    /// Tests the credentials as far as their proof asks for it, and stores the connection with everything that
    /// belongs to it. A refusal is logged, and nothing is kept.
    pub(crate) async fn settle(self, proof: Proof) -> ApiResult<Linked> {
        let outcome = Outcome::Success {
            provider_config_key: self.integration.unique_key.clone(),
            connection_id: self.connection_id.clone(),
            is_pending: false,
        };
        let session = self.session;
        self.settle_telling(proof, &SessionAnnouncer { session, outcome: &outcome }).await
    }

    /// As [`Self::settle`], with somebody else who tells within the transaction.
    pub(crate) async fn settle_telling(self, proof: Proof, announce: &dyn Announce) -> ApiResult<Linked> {
        let attempted = self.attempted();
        let report = match proof {
            Proof::Test => self.test().await,
            Proof::Issued => {
                Report { outcome: Ok(Verdict::Accepted { status: ISSUED }), exchanges: Vec::new() }
            }
        };
        let verdict = report
            .outcome
            .clone()
            .map_err(|failure| attempted.refused(self.app, &report.exchanges, &failure))?;
        self.store(&attempted, &report, verdict, announce).await
    }

    /// The attempt in the activity log.
    pub(crate) fn attempted(&self) -> Attempted {
        Attempted::new(
            self.app,
            self.environment,
            self.integration,
            &self.connection_id,
            self.actor,
            self.session.operation.as_ref(),
        )
    }

    async fn test(&self) -> Report {
        let subject = Subject {
            provider: self.provider,
            integration: self.integration,
            connection_id: &self.connection_id,
            connection_config: &self.config,
            credentials: self.credentials,
        };
        verify(&self.app.egress, self.app.now(), &*self.app.random, subject).await
    }

    async fn store(
        self,
        attempted: &Attempted,
        report: &Report,
        verdict: Verdict,
        announce: &dyn Announce,
    ) -> ApiResult<Linked> {
        let session = self.session;
        let tags =
            if session.tags.is_empty() { TagsUpdate::Keep } else { TagsUpdate::Merge(session.tags.clone()) };
        let connection_id = self.connection_id.clone();
        let stored = link::link(
            &self.app.store,
            announce,
            Link {
                environment: self.environment,
                integration: self.integration,
                provider: self.provider,
                connection_id: self.connection_id,
                existing: self.existing,
                credentials: self.credentials,
                verdict,
                config: self.config,
                metadata: None,
                tags,
                end_user: session.end_user.clone(),
                webhook_url: session.webhook_url.clone(),
                operation: &attempted.operation,
            },
        )
        .await
        .map_err(|error| match error {
            LinkError::Gone => ApiError::new(ErrorCode::InvalidConnection),
            LinkError::Store(error) => error.into(),
        })?;
        attempted.stored(self.app, self.actor, report, &stored);
        after_linked(self.app, self.environment, self.integration, self.provider, stored, self.credentials)
            .await;
        Ok(Linked { connection_id, provider_config_key: self.integration.unique_key.clone() })
    }
}

/// The status that a provider issues credentials with.
const ISSUED: u16 = 200;
