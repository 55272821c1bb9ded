//! Importing a connection: credentials that the product has already (spec: http-api.md 2.7, auth-modes.md 20).

use dovetail_catalog::Provider;
use dovetail_connect::config;
use dovetail_connect::link::{self, Existing, Link, LinkError};
use dovetail_connect::modes::{self, Form};
use dovetail_connect::obtain::Obtained;
use dovetail_connect::verify::{Report, Subject, Verdict, verify};
use dovetail_model::{
    Act, AuthMode, Credentials, EndUser, Environment, Integration, IntegrationClient, Tags, UrlOverride,
};
use dovetail_store::connections::{self, SealedConnection, TagsUpdate};
use dovetail_store::integrations;
use serde_json::{Map, Value};

use super::after_linked::after_linked;
use super::announce::Announcer;
use super::fields::{self, Submitted as Fields};
use super::log_link::Attempted;
use crate::api::shapes::Submitted;
use crate::auth::Caller;
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// An import as a caller describes it.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) provider_config_key: String,
    pub(crate) connection_id: Option<String>,
    pub(crate) submitted: Submitted,
    pub(crate) metadata: Option<Map<String, Value>>,
    pub(crate) config: Map<String, Value>,
    /// `None` keeps the tags of an existing connection.
    pub(crate) tags: Option<Tags>,
    pub(crate) end_user: Option<EndUser>,
    pub(crate) webhook_url: UrlOverride,
}

/// Credentials as the product has them.
#[derive(Debug)]
pub(crate) enum Given {
    /// Complete as they are.
    Complete(Credentials),
    /// Fields that the provider gives a token for.
    Form(Map<String, Value>),
    /// An installation that the provider gives a token for.
    Installation {
        /// Of which app.
        app_id: String,
        /// Which one.
        installation_id: String,
    },
}

/// What was stored.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) connection: SealedConnection,
    pub(crate) credentials: Credentials,
}

/// Whether credentials are tested before they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// As far as the definition allows.
    Run,
    /// Never: the legacy route.
    Skip,
}

/// Imports a connection; keys and passwords are tested first.
pub(crate) async fn import(app: &AppState, caller: &Caller, import: Import) -> ApiResult<Imported> {
    caller.permits(Act::Integration { key: &import.provider_config_key })?;
    let integration = {
        let mut db = app.store.read().await?;
        integrations::by_key(&mut db, caller.environment_id(), &import.provider_config_key).await?
    };
    let integration = integration.ok_or_else(|| ApiError::not_found("There is no such integration."))?;
    let provider =
        app.catalog.current().shared(&integration.provider).ok_or_else(|| {
            ApiError::not_found("The provider of this integration is not in the catalogue.")
        })?;
    let (given, import) = checked(&provider, import)?;
    store(app, caller, &integration, &provider, given, import, Test::Run).await
}

/// The rules that need the definition.
fn checked(provider: &Provider, import: Import) -> ApiResult<(Given, Import)> {
    let (given, mode) = (import.submitted.kind(), provider.auth_mode());
    // Some modes have the credentials of another one.
    let fits = given == mode.as_str() || given == mode.credentials_type();
    if !fits {
        return Err(ApiError::invalid_body(format!(
            "These are {given} credentials, but the auth mode of the integration's provider is {mode}."
        )));
    }
    let given = match &import.submitted {
        Submitted::Complete(credentials) => Given::Complete((**credentials).clone()),
        Submitted::Form(_, fields) => Given::Form(fields.clone()),
        Submitted::AppInstallation { app_id, installation_id, .. } => {
            Given::Installation { app_id: app_id.clone(), installation_id: installation_id.clone() }
        }
    };
    let is_configured = |name: &String| {
        import.config.get(name).and_then(Value::as_str).is_some_and(|value| !value.is_empty())
    };
    if mode == AuthMode::InstallPlugin
        && let Some(missing) = provider.redirect_uri_metadata.iter().find(|name| !is_configured(name))
    {
        return Err(ApiError::invalid_body(format!(
            "INSTALL_PLUGIN connections need connection_config.{missing}: where the plug-in is installed."
        )));
    }
    let account = import.config.get("accountId").and_then(Value::as_str).unwrap_or_default();
    if mode == AuthMode::Tba && account.is_empty() {
        return Err(ApiError::invalid_body("TBA connections need connection_config.accountId."));
    }
    Ok((given, import))
}

/// Tests and stores an import whose integration and provider are known.
pub(crate) async fn store(
    app: &AppState,
    caller: &Caller,
    integration: &Integration,
    provider: &Provider,
    given: Given,
    import: Import,
    test: Test,
) -> ApiResult<Imported> {
    let (environment, by) = (&*caller.environment, &caller.actor);
    let connection_id = import.connection_id.unwrap_or_else(|| app.random.uuid_v4().to_string());
    // What an existing connection is configured with need not be sent again.
    let stored = stored(app, environment, integration, &connection_id).await?;
    if let Some(stored) = &stored {
        let act = Act::Connection { integration: &integration.unique_key, tags: &stored.info.tags };
        caller.permits(act)?;
    }
    let tags = stamped(caller, import.tags)?;
    let known = stored.map_or_else(|| Ok(Map::new()), |stored| stored.open_config())?;
    let config = config::overlaid(known, &import.config);
    let attempted = Attempted::new(app, environment, integration, &connection_id, by, None);
    let Obtained { credentials, config } = match form(provider, given)? {
        Given::Complete(credentials) => Obtained { credentials, config },
        Given::Form(fields) => {
            let fields = Fields { credentials: fields, connection_config: config, ..Fields::default() };
            let accepted = fields::accept_import(provider, integration, fields)?;
            let party = app.party(provider, integration, &connection_id, &accepted.connection_config);
            let form =
                Form { credentials: &accepted.credentials, assertion_option: &accepted.assertion_option };
            let obtained = modes::obtain(&party, form)
                .await
                .map_err(|error| attempted.not_obtained(app, provider, &error))?;
            Obtained { config: config::overlaid(accepted.connection_config, &obtained.config), ..obtained }
        }
        Given::Installation { app_id, installation_id } => {
            if own_app(integration) != Some(app_id.as_str()) {
                return Err(ApiError::invalid_body("app_id is not the app of the integration."));
            }
            let party = app.party(provider, integration, &connection_id, &config);
            let obtained = match provider.auth_mode() {
                AuthMode::Custom => modes::custom::installed(party, &installation_id, None).await,
                _ => modes::app::installed(party, &installation_id).await,
            };
            // The wire has one code for whatever goes wrong here.
            obtained.map_err(|error| {
                attempted.not_obtained(app, provider, &error).with_code(ErrorCode::ServerError)
            })?
        }
    };
    let report = match test {
        Test::Skip => Report { outcome: Ok(Verdict::Untested), exchanges: Vec::new() },
        Test::Run => {
            let subject = Subject {
                provider,
                integration,
                connection_id: &connection_id,
                connection_config: &config,
                credentials: &credentials,
            };
            verify(&app.egress, app.now(), &*app.random, subject).await
        }
    };
    let verdict =
        report.outcome.clone().map_err(|failure| attempted.refused(app, &report.exchanges, &failure))?;
    let stored = link::link(
        &app.store,
        &Announcer,
        Link {
            environment,
            integration,
            provider,
            connection_id: connection_id.clone(),
            existing: Existing::Either,
            credentials: &credentials,
            verdict,
            config,
            metadata: import.metadata,
            tags: tags.map_or(TagsUpdate::Keep, TagsUpdate::Merge),
            end_user: import.end_user,
            webhook_url: import.webhook_url,
            operation: &attempted.operation,
        },
    )
    .await
    .map_err(|error| match error {
        LinkError::Store(error) => ApiError::from(error),
        gone @ LinkError::Gone => ApiError::internal(gone),
    })?;
    attempted.stored(app, by, &report, &stored);
    let connection = after_linked(app, environment, integration, provider, stored, &credentials).await;
    Ok(Imported { connection, credentials })
}

/// The app of an integration.
fn own_app(integration: &Integration) -> Option<&str> {
    match &integration.secrets.client {
        IntegrationClient::App { app_id, .. } | IntegrationClient::Custom { app_id, .. } => Some(app_id),
        IntegrationClient::None | IntegrationClient::Oauth { .. } => None,
    }
}

/// Keys and passwords are complete, and checked like a form nevertheless.
fn form(provider: &Provider, given: Given) -> ApiResult<Given> {
    match given {
        Given::Complete(credentials)
            if matches!(provider.auth_mode(), AuthMode::ApiKey | AuthMode::Basic | AuthMode::None) =>
        {
            let Value::Object(mut fields) = credentials.to_stored() else {
                return Err(ApiError::invalid_body("Credentials must be an object."));
            };
            fields.shift_remove("type");
            Ok(Given::Form(fields))
        }
        given => Ok(given),
    }
}

/// The tags to store: with those by which a limited key reaches what it makes.
fn stamped(caller: &Caller, tags: Option<Tags>) -> ApiResult<Option<Tags>> {
    if tags.is_none() && caller.reach.limits().is_none_or(|limits| limits.tags.is_empty()) {
        return Ok(None);
    }
    let too_many =
        || ApiError::invalid_body("Together with the tags of the key's limits there are more than 10 tags.");
    caller.reach.stamped(tags.unwrap_or_default(), too_many).map(Some)
}

/// The connection that has this id already.
async fn stored(
    app: &AppState,
    environment: &Environment,
    integration: &Integration,
    connection_id: &str,
) -> ApiResult<Option<SealedConnection>> {
    let mut db = app.store.read().await?;
    Ok(connections::by_key(&mut db, environment.id, &integration.unique_key, connection_id).await?)
}
