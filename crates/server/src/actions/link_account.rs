//! Linking an account: the pipeline that the auth endpoints and the popup share (spec: connect.md 5.1). An attempt
//! begins here, with everything that can be known before there are credentials; [`Settling`] is its end.

use std::sync::Arc;

use dovetail_catalog::{Accepted, Provider};
use dovetail_connect::config;
use dovetail_connect::link::Existing;
use dovetail_connect::modes::{self, Form};
use dovetail_connect::obtain::Obtained;
use dovetail_model::{AuthMode, Integration, IntegrationDefaults};
use dovetail_store::connections::{self, SealedConnection};
use dovetail_store::integrations;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::external_id::{self, EXTERNAL_ID};
use super::fields::{self, Submitted};
use super::log_link::Attempted;
use super::settle_link::{Proof, Settling};
use crate::auth::SessionCaller;
use crate::call::Head;
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
    pub(crate) connection_id: String,
    /// Key of its integration.
    #[schema(example = "coda-prod")]
    pub(crate) provider_config_key: String,
}

/// What an end user typed into the form of a mode.
#[derive(Debug, Default)]
pub(crate) struct Submission {
    /// What the credentials are made from.
    pub(crate) credentials: Map<String, Value>,
    /// What is used once and not kept (`assertionOption`).
    pub(crate) assertion_option: Map<String, Value>,
}

impl Submission {
    /// Fields that become credentials.
    pub(crate) fn of<const N: usize>(fields: [(&str, String); N]) -> Self {
        let credentials = fields.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
        Self { credentials: credentials.collect(), assertion_option: Map::new() }
    }

    /// Adds the fields that were sent.
    pub(crate) fn add<const N: usize>(&mut self, fields: [(&str, Option<String>); N]) {
        let sent =
            fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
        self.credentials.extend(sent);
    }
}

/// An attempt of which everything but the credentials is known to be in order.
#[derive(Debug)]
pub(crate) struct LinkAttempt<'a> {
    pub(crate) app: &'a AppState,
    pub(crate) caller: &'a SessionCaller,
    pub(crate) integration: Integration,
    pub(crate) provider: Arc<Provider>,
    /// Configuration that the browser sent, as it came.
    params: Map<String, Value>,
    /// The connection to be linked again.
    pub(crate) target: Option<SealedConnection>,
    /// Public id of the connection, also of one that is still to come.
    pub(crate) connection_id: String,
}

impl<'a> LinkAttempt<'a> {
    /// Checks query, path, integration, provider, mode, the session's restrictions and the connection to be linked
    /// again, in the order of the wire.
    pub(crate) async fn begin(call: &'a Head, caller: &'a SessionCaller, mode: AuthMode) -> ApiResult<Self> {
        Self::begin_any(call, caller, |own| own == mode).await
    }

    /// As [`Self::begin`], for an endpoint that serves several modes.
    pub(crate) async fn begin_any(
        call: &'a Head,
        caller: &'a SessionCaller,
        serves: impl Fn(AuthMode) -> bool,
    ) -> ApiResult<Self> {
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
        if !serves(provider.auth_mode()) {
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
        let connection_id = match &target {
            Some(target) => target.info.connection_id.clone(),
            None => app.random.uuid_v4().to_string(),
        };
        Ok(Self { app, caller, integration, provider, params, target, connection_id })
    }

    /// The attempt in the activity log.
    pub(crate) fn attempted(&self) -> Attempted {
        Attempted::new(
            self.app,
            &self.caller.environment,
            &self.integration,
            &self.connection_id,
            &self.caller.actor,
            self.caller.session.operation.as_ref(),
        )
    }

    /// Values that the session forces for this integration: the product's own word.
    pub(crate) fn defaults(&self) -> Option<&IntegrationDefaults> {
        self.caller.session.defaults.as_ref()?.get(&self.integration.unique_key)
    }

    /// The configuration of the connection to be: what it has when it is linked again, what the browser sent and may
    /// send, and what the session forces; later ones win (connect.md 1.4, auth-modes.md 2.4).
    pub(crate) fn connection_config(&self) -> ApiResult<Map<String, Value>> {
        let forced = self.defaults().and_then(|defaults| defaults.connection_config.as_ref());
        let sent = fields::from_browser(&self.provider, &self.params);
        let mut sent = config::overlaid(sent, forced.unwrap_or(&Map::new()));
        if let Some(target) = &self.target {
            return Ok(config::overlaid(target.open_config()?, &sent));
        }
        if self.provider.auth_mode() == AuthMode::AwsSigv4 {
            let (caller, key) = (self.caller, &self.integration.unique_key);
            let id = external_id::of_session(&caller.environment, &caller.session, key);
            sent.insert(EXTERNAL_ID.to_owned(), id.into());
        }
        Ok(sent)
    }

    /// Names of the configuration values that this attempt brings, beside what an existing connection has.
    pub(crate) fn sent_names(&self) -> Vec<String> {
        let forced = self.defaults().and_then(|defaults| defaults.connection_config.as_ref());
        let sent = fields::from_browser(&self.provider, &self.params);
        sent.into_iter()
            .map(|(name, _)| name)
            .chain(forced.into_iter().flatten().map(|(name, _)| name.clone()))
            .collect()
    }

    /// Validates the fields, tests the credentials they make and stores the connection.
    pub(crate) async fn link(self, form: Submission) -> ApiResult<Linked> {
        let submitted = Submitted {
            credentials: form.credentials,
            connection_config: self.connection_config()?,
            assertion_option: form.assertion_option,
        };
        let accepted = fields::accept(&self.provider, &self.integration, submitted)?;
        let obtained = self.obtain(&accepted).await?;
        let settling = Settling {
            app: self.app,
            environment: &self.caller.environment,
            session: &self.caller.session,
            actor: &self.caller.actor,
            integration: &self.integration,
            provider: &self.provider,
            connection_id: self.connection_id,
            existing: if self.target.is_some() { Existing::Required } else { Existing::Either },
            credentials: &obtained.credentials,
            config: obtained.config,
        };
        let proof = if modes::is_issued(self.provider.auth_mode()) { Proof::Issued } else { Proof::Test };
        settling.settle(proof).await
    }
}

impl LinkAttempt<'_> {
    /// The credentials that the fields make, and the configuration that comes with them.
    async fn obtain(&self, accepted: &Accepted) -> ApiResult<Obtained> {
        let config = self.exchange_config(&accepted.connection_config);
        let party = self.app.party(&self.provider, &self.integration, &self.connection_id, &config);
        let form = Form { credentials: &accepted.credentials, assertion_option: &accepted.assertion_option };
        match modes::obtain(&party, form).await {
            Ok(obtained) => Ok(Obtained { config: config::overlaid(config, &obtained.config), ..obtained }),
            Err(error) => Err(self.attempted().not_obtained(self.app, &self.provider, &error)),
        }
    }

    /// The configuration, with what client credentials are exchanged with besides: the session's parameters, and the
    /// integration's scopes unless there are others (auth-modes.md section 6).
    fn exchange_config(&self, accepted: &Map<String, Value>) -> Map<String, Value> {
        let mut config = accepted.clone();
        if self.provider.auth_mode() != AuthMode::Oauth2Cc {
            return config;
        }
        let params = self.defaults().and_then(|defaults| defaults.authorization_params.as_ref());
        if let Some(params) = params {
            let params = params.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
            config.insert("authorization_params".to_owned(), Value::Object(params.collect()));
        }
        if let Some(scopes) = self.integration.secrets.client.scopes() {
            config.entry("oauth_scopes").or_insert(Value::from(scopes));
        }
        config
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
