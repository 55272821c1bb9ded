//! Linking an account that only the provider can announce (spec: auth-modes.md 4.5): a connection that waits.

use dovetail_catalog::Installation;
use dovetail_connect::link::Existing;
use dovetail_connect::pending::{PENDING, PENDING_LOG, no_credentials};
use dovetail_model::IntegrationClient;
use serde_json::Value;

use super::fields::{self, Submitted};
use super::integrations::missing_fields;
use super::link_account::{LinkAttempt, Linked};
use super::settle_link::{Proof, Settling};
use crate::wire::{ApiError, ApiResult, ErrorCode};

impl LinkAttempt<'_> {
    /// Stores a connection that waits for the provider's word. One that is linked again keeps its credentials until
    /// then.
    pub(crate) async fn await_installation(self) -> ApiResult<Linked> {
        if self.provider.installation != Some(Installation::Outbound) {
            return Err(ApiError::new(ErrorCode::InvalidAuthMode));
        }
        let has_client = matches!(self.integration.secrets.client, IntegrationClient::Oauth { .. });
        if !has_client || !missing_fields(&self.provider, &self.integration).is_empty() {
            return Err(ApiError::invalid_body(
                "This integration has no client id and secret yet. Its owner has to add them.",
            ));
        }
        let submitted = Submitted { connection_config: self.connection_config()?, ..Submitted::default() };
        let mut config = fields::accept(&self.provider, &self.integration, submitted)?.connection_config;
        let session = &self.caller.session;
        config.insert(PENDING.to_owned(), Value::from(true));
        if let Some(operation) = &session.operation {
            config.insert(PENDING_LOG.to_owned(), Value::from(operation.as_str()));
        }
        let credentials = match &self.target {
            Some(target) => target.open_credentials()?,
            None => no_credentials(),
        };
        let settling = Settling {
            app: self.app,
            environment: &self.caller.environment,
            session,
            actor: &self.caller.actor,
            integration: &self.integration,
            provider: &self.provider,
            connection_id: self.connection_id,
            existing: if self.target.is_some() { Existing::Required } else { Existing::Either },
            credentials: &credentials,
            config,
        };
        settling.settle(Proof::Test).await
    }
}
