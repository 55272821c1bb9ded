//! Sending a browser to a provider's own pages (auth-modes.md 3.1, connect.md 4.3).

use dovetail_connect::flow::{self, Departure};
use dovetail_model::{Actor, Environment, Level, MessageContext, OperationState, Secret};
use dovetail_store::auth_flows::{self, NewAuthFlow};
use dovetail_store::{StoreError, connect_ui};
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use super::client_book::StoredClients;
use super::fields::{self, Submitted};
use super::link_account::LinkAttempt;
use super::log_link::Attempted;
use crate::auth::SessionCaller;
use crate::best_effort::CanFail as _;
use crate::call::Head;
use crate::limits::FLOW_LIFETIME;
use crate::popup::Outcome;
use crate::state::AppState;
use crate::wire::ApiError;

/// Random bytes of a state, and of the cookie that binds it.
const STATE_BYTES: usize = 32;

/// A flow that was begun.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Where the browser goes.
    pub(crate) url: Url,
    /// The state, which names the cookie.
    pub(crate) state: Secret,
    /// What the cookie holds.
    pub(crate) binding: Secret,
}

/// What a browser asked for beside the attempt itself.
#[derive(Debug)]
struct Asked {
    /// Configuration with the end user's own client in it.
    config: Map<String, Value>,
    /// Names of what was sent this time.
    sent: Vec<String>,
    /// What the product set.
    owner: Map<String, Value>,
    authorization_params: Vec<(String, Option<String>)>,
    scopes: Option<String>,
    user_scopes: Option<String>,
}

/// Begins a flow for an attempt that is in order so far.
pub(crate) async fn begin(
    head: &Head,
    attempt: &LinkAttempt<'_>,
    socket: Option<Uuid>,
) -> Result<Begun, Outcome> {
    let app = attempt.app;
    let about = |outcome: Outcome| outcome.about(&attempt.integration.unique_key, &attempt.connection_id);
    let api = |error: ApiError| about(Outcome::of_api_error(&error));
    if !flow::is_served(&attempt.provider) {
        let mode = attempt.provider.auth_mode();
        let message = format!("{mode} accounts of this provider are not linked in a window of the provider.");
        return Err(about(Outcome::refused("auth_mode_err", message)));
    }
    let return_url = return_url(head, app, &attempt.caller.environment).await.map_err(about)?;
    let asked = asked(head, attempt).map_err(api)?;
    let attempted = attempt.attempted();
    let state = Secret::new(app.random.hex(STATE_BYTES));
    let binding = Secret::new(app.random.hex(STATE_BYTES));
    let redirect_uri = callback_url(app, &attempt.caller.environment);
    let party = app.party(&attempt.provider, &attempt.integration, &attempt.connection_id, &asked.config);
    // In a sealed environment a holder of a key cannot vouch for a host that the client secret would be sent to.
    let (none, is_sealed) = (Map::new(), attempt.caller.environment.sealed_at.is_some());
    let vouched = if is_sealed { &none } else { &asked.owner };
    let departure = Departure {
        party,
        state: state.expose(),
        redirect_uri: &redirect_uri,
        sent: &asked.sent,
        owner_config: vouched,
        authorization_params: &asked.authorization_params,
        scopes: asked.scopes.as_deref(),
        user_scopes: asked.user_scopes.as_deref(),
    };
    let clients = StoredClients::of(
        &app.store,
        &app.config.public_url,
        &attempt.caller.environment,
        &attempt.integration,
    );
    let departed = flow::depart(departure, &clients).await;
    let departed = departed.map_err(|error| {
        attempted.failed(app, error.kind.as_str(), &error.message);
        about(Outcome::of_flow_error(&error))
    })?;
    let progress = departed.progress.to_bytes();
    let new = NewAuthFlow {
        session: attempt.caller.session.id,
        attempt: socket,
        state: &state,
        binding: Some(&binding),
        integration: attempt.integration.id,
        connection_id: &attempt.connection_id,
        operation: &attempted.operation.id,
        return_url: return_url.as_deref(),
        progress: &progress,
        lifetime: FLOW_LIFETIME,
    };
    let written = async {
        let mut tx = app.store.begin().await?;
        auth_flows::begin(&mut tx, attempt.caller.environment_id(), new).await?;
        tx.commit().await
    };
    written.await.map_err(|error| api(error.into()))?;
    app.activity.open(&attempted.operation);
    let host = departed.url.host_str().unwrap_or_default();
    let sentence = format!("The browser was sent to {host} to authorize the connection");
    app.activity.note(&attempted.operation.id, Level::Info, MessageContext::Auth, &sentence, Map::new());
    Ok(Begun { url: departed.url, state, binding })
}

/// Writes down that an attempt was refused before there was a flow, for whoever waits.
pub(crate) async fn refuse(
    attempt: Option<Uuid>,
    caller: Option<&SessionCaller>,
    app: &AppState,
    outcome: &Outcome,
) {
    let Some(attempt) = attempt else { return };
    let Some(caller) = caller else {
        app.waiters.tell(attempt, outcome.clone());
        return;
    };
    let written = async {
        let mut tx = app.store.begin().await?;
        let (environment, session) = (caller.environment_id(), caller.session.id);
        let stored = outcome.to_stored();
        auth_flows::refuse(&mut tx, environment, session, attempt, &stored, FLOW_LIFETIME).await?;
        tx.commit().await
    };
    let written: Result<(), StoreError> = written.await;
    if written.can_fail("writing down the outcome of an attempt").is_none() {
        app.waiters.tell(attempt, outcome.clone());
    }
}

/// Where providers send the browser back to: the environment's own callback, or ours.
pub(crate) fn callback_url(app: &AppState, environment: &Environment) -> String {
    environment.callback_url.clone().unwrap_or_else(|| app.config.absolute("/oauth/callback"))
}

/// Configuration and parameters, each from where it may come (auth-modes.md 3.1 steps 5 to 7).
fn asked(head: &Head, attempt: &LinkAttempt<'_>) -> Result<Asked, ApiError> {
    let defaults = attempt.defaults();
    let owner = defaults.and_then(|defaults| defaults.connection_config.clone()).unwrap_or_default();
    let mut config = attempt.connection_config()?;
    let mut sent = attempt.sent_names();
    // An own refresh token alone is not heard: it belongs to a client.
    let brought = own_client(head);
    sent.extend(brought.keys().cloned());
    config.extend(brought);
    // Scopes are the product's to choose, never the browser's.
    if !owner.contains_key(SCOPES) && attempt.target.is_none() {
        config.shift_remove(SCOPES);
    }
    let submitted = Submitted { connection_config: config, ..Submitted::default() };
    let accepted = fields::accept(&attempt.provider, &attempt.integration, submitted)?;
    let authorization_params = match defaults.and_then(|defaults| defaults.authorization_params.as_ref()) {
        Some(params) => params.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect(),
        None => browser_params(head),
    };
    let scopes = owner.get(SCOPES).map(joined);
    let user_scopes = defaults
        .and_then(|defaults| defaults.user_scopes.clone())
        .or_else(|| head.query_text("user_scope").map(str::to_owned));
    Ok(Asked { config: accepted.connection_config, sent, owner, authorization_params, scopes, user_scopes })
}

const SCOPES: &str = "oauth_scopes_override";

/// The end user's own client, from `credentials[...]` of the query.
fn own_client(head: &Head) -> Map<String, Value> {
    const CLIENT: [&str; 2] = ["oauth_client_id_override", "oauth_client_secret_override"];
    let given = head.query.get("credentials").and_then(Value::as_object);
    let text = |name: &str| {
        given.and_then(|given| given.get(name)).and_then(Value::as_str).filter(|text| !text.is_empty())
    };
    if CLIENT.iter().all(|name| text(name).is_none()) {
        return Map::new();
    }
    CLIENT
        .into_iter()
        .chain(["oauth_refresh_token_override"])
        .filter_map(|name| Some((name.to_owned(), Value::from(text(name)?))))
        .collect()
}

/// `authorization_params[...]` of the query. The SDK writes `undefined` for a parameter that is to be taken away.
fn browser_params(head: &Head) -> Vec<(String, Option<String>)> {
    let given = head.query.get("authorization_params").and_then(Value::as_object);
    given
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let text = value.as_str()?;
            Some((name.clone(), (text != "undefined").then(|| text.to_owned())))
        })
        .collect()
}

fn joined(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

/// Where the browser goes afterwards, when there is no page that waits: exactly the return URL of the environment's
/// Connect page, or a page of our own.
pub(crate) async fn return_url(
    head: &Head,
    app: &AppState,
    environment: &Environment,
) -> Result<Option<String>, Outcome> {
    let Some(asked) = head.query_text("return_url") else { return Ok(None) };
    let refused = || {
        let message = "`return_url` is not the return URL that the settings of the Connect page name.";
        Outcome::refused("invalid_query_params", message)
    };
    let own = app.config.absolute("/connect");
    if asked == own || asked == format!("{own}/") {
        return Ok(Some(asked.to_owned()));
    }
    let settings = async { connect_ui::get(&mut app.store.read().await?, environment.id).await };
    let settings = settings.await.map_err(|error| Outcome::of_api_error(&error.into()))?;
    if settings.return_url.as_deref() == Some(asked) { Ok(Some(asked.to_owned())) } else { Err(refused()) }
}

impl Attempted {
    /// The attempt failed at the provider, or before it: the log says why.
    pub(crate) fn failed(&self, app: &AppState, word: &str, sentence: &str) {
        let id = &self.operation.id;
        app.activity.open(&self.operation);
        let details = dovetail_activity::error_details(word, sentence);
        app.activity.note(id, Level::Error, MessageContext::Auth, sentence, details);
        if !self.outlives {
            app.activity.close(id, OperationState::Failed);
        }
        app.metrics.connect_attempts.increment([self.provider.as_str(), "refused"]);
    }
}

/// The end user in the audit trail, where only the session is known.
pub(crate) fn session_actor(session: &dovetail_model::ConnectSession) -> Actor {
    let display =
        session.end_user.as_ref().map_or_else(|| "connect session".to_owned(), |user| user.id.clone());
    Actor::ConnectSession { id: session.id.0, display }
}
