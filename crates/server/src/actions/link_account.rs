//! Linking an account by credentials that the end user types: the pipeline that the auth endpoints share
//! (spec: connect.md 5.1).

use std::sync::Arc;

use dovetail_catalog::Provider;
use dovetail_connect::config;
use dovetail_connect::link::{self, Existing, Link, LinkError};
use dovetail_connect::modes;
use dovetail_connect::verify::{Subject, verify};
use dovetail_model::{AuthMode, Integration};
use dovetail_store::connections::{self, SealedConnection, TagsUpdate};
use dovetail_store::integrations;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::announce::Announcer;
use super::fields::{self, Submitted};
use super::log_link::Attempted;
use crate::auth::SessionCaller;
use crate::call::{Call, Head};
use crate::state::AppState;
use crate::validate::rules::{connection_id, integration_key};
use crate::validate::{self, Issue, Schema as _, any, field, object, string};
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// What the caller of an auth endpoint is told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Linked {
    /// Public id of the connection.
    #[schema(example = "2f0d6a52-7f3f-4b1c-8a52-0f1f2a9d7c11")]
    connection_id: String,
    /// Key of its integration.
    #[schema(example = "coda-prod")]
    provider_config_key: String,
}

/// An attempt of which everything but the credentials is known to be in order.
#[derive(Debug)]
pub(crate) struct LinkAttempt<'a> {
    app: &'a AppState,
    caller: &'a SessionCaller,
    integration: Integration,
    provider: Arc<Provider>,
    params: Map<String, Value>,
    target: Option<SealedConnection>,
}

impl<'a> LinkAttempt<'a> {
    /// Checks query, path, integration, provider, mode, the session's restrictions and the connection to be linked
    /// again, in the order of the wire.
    pub(crate) async fn begin(call: &'a Call, caller: &'a SessionCaller, mode: AuthMode) -> ApiResult<Self> {
        let app = &call.app;
        let params = read_query(call)?;
        let path = object((field("providerConfigKey", integration_key()),));
        let (key,) = validate::params(&path, &call.params)?;
        let environment = caller.environment_id();
        let mut db = app.store.read().await?;
        let integration = integrations::by_key(&mut db, environment, &key)
            .await?
            .ok_or_else(|| ApiError::new(ErrorCode::UnknownProviderConfigNotFound))?;
        let provider = app
            .catalog
            .current()
            .shared(&integration.provider)
            .ok_or_else(|| ApiError::new(ErrorCode::UnknownProviderTemplate))?;
        if provider.auth_mode() != mode {
            return Err(ApiError::new(ErrorCode::InvalidAuthMode));
        }
        if !caller.session.allows(&key) {
            return Err(ApiError::new(ErrorCode::IntegrationNotAllowed));
        }
        let target = match caller.session.reconnects() {
            None => None,
            Some(row) => {
                let target = connections::by_row(&mut db, environment, row).await?;
                let target = target.filter(|target| target.info.integration == integration.id);
                Some(target.ok_or_else(|| ApiError::new(ErrorCode::InvalidConnection))?)
            }
        };
        Ok(Self { app, caller, integration, provider, params, target })
    }

    /// Validates the fields, tests the credentials they make and stores the connection.
    pub(crate) async fn link(self, fields: Map<String, Value>) -> ApiResult<Linked> {
        let session = &self.caller.session;
        let forced = session
            .defaults
            .as_ref()
            .and_then(|defaults| defaults.get(&self.integration.unique_key))
            .and_then(|defaults| defaults.connection_config.as_ref());
        let sent = config::overlaid(
            fields::from_browser(&self.provider, &self.params),
            forced.unwrap_or(&Map::new()),
        );
        // Linked again: what is known already need not be sent again (connect.md 1.4).
        let connection_config = match &self.target {
            Some(target) => config::overlaid(target.open_config()?, &sent),
            None => sent,
        };
        let submitted = Submitted { credentials: fields, connection_config };
        let accepted = fields::accept(&self.provider, &self.integration, submitted)?;
        let credentials = modes::credentials(self.provider.auth_mode(), &accepted.credentials)
            .map_err(|error| ApiError::new(ErrorCode::InvalidAuthMode).message(error.to_string()))?;
        let connection_id = match &self.target {
            Some(target) => target.info.connection_id.clone(),
            None => self.app.random.uuid_v4().to_string(),
        };
        let attempted = Attempted::new(
            self.app,
            &self.caller.environment,
            &self.integration,
            &connection_id,
            &self.caller.actor,
            session.operation.as_ref(),
        );
        let subject = Subject {
            provider: &self.provider,
            integration: &self.integration,
            connection_id: &connection_id,
            connection_config: &accepted.connection_config,
            credentials: &credentials,
        };
        let report = verify(&self.app.egress, self.app.now(), &*self.app.random, subject).await;
        let verdict = report
            .outcome
            .clone()
            .map_err(|failure| attempted.refused(self.app, &report.exchanges, &failure))?;
        let tags =
            if session.tags.is_empty() { TagsUpdate::Keep } else { TagsUpdate::Merge(session.tags.clone()) };
        let stored = link::link(
            &self.app.store,
            &Announcer,
            Link {
                environment: &self.caller.environment,
                integration: &self.integration,
                provider: &self.provider,
                connection_id: connection_id.clone(),
                existing: if self.target.is_some() { Existing::Required } else { Existing::Either },
                credentials: &credentials,
                verdict,
                config: accepted.connection_config,
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
        attempted.stored(self.app, &self.caller.actor, &report, &stored);
        Ok(Linked { connection_id, provider_config_key: self.integration.unique_key })
    }
}

/// The query of the auth endpoints: `params` are configuration; unknown keys are ignored.
fn read_query(call: &Head) -> ApiResult<Map<String, Value>> {
    let schema = object((
        field("connection_id", connection_id().optional()),
        field("params", object(()).loose().optional()),
        field("user_scope", string().optional()),
        field("hmac", string().optional()),
        field("connect_session_token", any()),
    ))
    .loose();
    let (own_id, ..) = validate::query(&schema, &call.query)?;
    if own_id.is_some() {
        let message = "connection_id is forbidden when using session token";
        let issue = Issue::custom(message, ["connection_id"]);
        return Err(ApiError::validation(ErrorCode::InvalidQueryParams, vec![issue]));
    }
    Ok(call.query.get("params").and_then(Value::as_object).cloned().unwrap_or_default())
}
