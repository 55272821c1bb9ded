//! A browser came back from a provider's pages (auth-modes.md 3.3, 4.2; connect.md 4.4).

use std::sync::Arc;

use dovetail_catalog::Provider;
use dovetail_connect::flow::{self, Arrival, FlowError, FlowErrorKind, Progress};
use dovetail_connect::link::{Announce, Existing, News};
use dovetail_connect::verify::is_tested;
use dovetail_model::{Actor, ConnectSession, Environment, Integration, Secret};
use dovetail_store::auth_flows::{self, AuthFlow};
use dovetail_store::{Store, StoreError, Tx, connect_sessions, environments, integrations};
use dovetail_webhooks::{AuthEvent, AuthFailure, AuthOperation, Subject, enqueue_auth};
use futures_util::future::{BoxFuture, FutureExt as _};
use http::HeaderMap;

use super::announce::SessionAnnouncer;
use super::begin_flow::session_actor;
use super::log_link::Attempted;
use super::settle_link::{Proof, Settling};
use crate::popup::{self, Outcome};
use crate::state::AppState;
use crate::wire::ApiError;

/// What a callback brings.
#[derive(Debug)]
pub(crate) struct Callback {
    /// Its headers: the cookie, or the signature of a product that passes it on.
    pub(crate) headers: HeaderMap,
    /// The query or form as it came, for the signature.
    pub(crate) query: String,
    /// The same, decoded.
    pub(crate) params: Vec<(String, String)>,
}

/// What came of it, and where the browser goes.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) outcome: Outcome,
    pub(crate) return_url: Option<String>,
}

impl From<Outcome> for Finished {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, return_url: None }
    }
}

/// Parameters under which providers bring the state back: the standard's, and those of two providers.
const STATE: [&str; 3] = ["state", "payload", "customField"];

/// Finishes the flow that a callback belongs to.
pub(crate) async fn finish(app: AppState, callback: Callback) -> Finished {
    match try_finish(&app, callback).await {
        Ok(finished) => finished,
        Err(error) => {
            tracing::error!(error = %error, "a callback could not be handled");
            Outcome::of_api_error(&ApiError::from(error)).into()
        }
    }
}

async fn try_finish(app: &AppState, callback: Callback) -> Result<Finished, StoreError> {
    let state = STATE.iter().find_map(|name| {
        callback.params.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value)
    });
    let Some(state) = state.map(|state| Secret::new(state.clone())) else {
        return Ok(state_error(
            "This address is for the answers of providers, and this answer has no state.",
        )
        .into());
    };
    let mut db = app.store.read().await?;
    let Some(flow) = auth_flows::by_state(&mut db, &state).await? else {
        return Ok(state_error("Nobody began this attempt here, or it was long ago. Start again.").into());
    };
    let cookie = popup::bound(&callback.headers, state.expose());
    let ours = cookie.is_some_and(|cookie| flow.began_with(&db, &cookie));
    drop(db);
    let relayed = || popup::is_relayed(&app.store, flow.environment, &callback.headers, &callback.query);
    if flow.is_bound() && !ours && !relayed().await? {
        return other_browser(app, &flow).await;
    }
    if flow.taken_at.is_some() {
        return again(app, &flow).await;
    }
    let taken = async {
        let mut tx = app.store.begin().await?;
        let taken = auth_flows::take(&mut tx, flow.environment, flow.id).await?;
        tx.commit().await?;
        Ok::<_, StoreError>(taken)
    };
    let Some(progress) = taken.await? else {
        let outcome = if flow.expires_at <= app.now() {
            state_error("This attempt took more than an hour. Start again.")
        } else {
            state_error("This attempt is being finished already.")
        };
        if flow.expires_at <= app.now() {
            end(app, &flow, &outcome).await?;
        }
        return Ok(Finished { outcome, return_url: flow.return_url });
    };
    let outcome = match Progress::from_bytes(&progress) {
        Some(progress) => arrive(app, &flow, &progress, &callback.params).await?,
        None => state_error("This attempt was begun by another version of this server. Start again."),
    };
    let key = match &outcome {
        Outcome::Error { .. } => integration_key(app, &flow).await?,
        Outcome::Success { .. } => None,
    };
    let outcome = match key {
        Some(key) => outcome.about(&key, &flow.connection_id),
        None => outcome,
    };
    // A success was written with the connection itself.
    if matches!(outcome, Outcome::Error { .. }) {
        end(app, &flow, &outcome).await?;
    }
    Ok(Finished { outcome, return_url: flow.return_url })
}

fn state_error(message: &str) -> Outcome {
    Outcome::refused("state_err", message)
}

/// The state is right, the browser is another one: the flow stays open for the right one, and whoever waits is told.
async fn other_browser(app: &AppState, flow: &AuthFlow) -> Result<Finished, StoreError> {
    let outcome = Outcome::refused(
        "state_cookie_err",
        "This attempt was begun in another browser, or this one keeps no cookies of this site. Allow them and start again.",
    );
    if flow.taken_at.is_none() {
        let mut tx = app.store.begin().await?;
        auth_flows::note(&mut tx, flow.environment, flow, &outcome.to_stored()).await?;
        tx.commit().await?;
    }
    Ok(outcome.into())
}

/// The same browser comes back to an address that was used: what came of it is shown again, and nothing is done.
async fn again(app: &AppState, flow: &AuthFlow) -> Result<Finished, StoreError> {
    let stored = auth_flows::outcome(&mut app.store.read().await?, flow.environment, flow.id).await?;
    let outcome = match stored {
        Some(stored) => Outcome::from_stored(&stored),
        None => state_error("This attempt is being finished already."),
    };
    Ok(Finished { outcome, return_url: flow.return_url.clone() })
}

async fn end(app: &AppState, flow: &AuthFlow, outcome: &Outcome) -> Result<(), StoreError> {
    let mut tx = app.store.begin().await?;
    auth_flows::end(&mut tx, flow.environment, flow.id, flow.attempt, &outcome.to_stored()).await?;
    tx.commit().await
}

async fn integration_key(app: &AppState, flow: &AuthFlow) -> Result<Option<String>, StoreError> {
    let found = integrations::get(&mut app.store.read().await?, flow.environment, flow.integration).await?;
    Ok(found.map(|integration| integration.unique_key))
}

/// Everything that the flow belongs to, as it is now.
struct Home {
    environment: Environment,
    session: ConnectSession,
    actor: Actor,
    integration: Integration,
    provider: Arc<Provider>,
}

async fn home(app: &AppState, flow: &AuthFlow) -> Result<Result<Home, Outcome>, StoreError> {
    let mut db = app.store.read().await?;
    let Some(environment) = environments::get(&mut db, flow.environment).await? else {
        let message = "The environment of this attempt no longer exists.";
        return Ok(Err(Outcome::refused("account_or_environment_retrieval_err", message)));
    };
    let Some(session) = connect_sessions::by_id(&mut db, flow.environment, flow.session).await? else {
        return Ok(Err(Outcome::refused(
            "unknown_err",
            "The session of this attempt was ended. Start again.",
        )));
    };
    let Some(integration) = integrations::get(&mut db, flow.environment, flow.integration).await? else {
        let message = "The integration of this attempt was deleted.";
        return Ok(Err(Outcome::refused("provider_config_err", message)));
    };
    let Some(provider) = app.catalog.current().shared(&integration.provider) else {
        let message = "The provider of this integration is not in the catalogue.";
        return Ok(Err(Outcome::refused("unknown_config_key", message)));
    };
    let actor = session_actor(&session);
    Ok(Ok(Home { environment, session, actor, integration, provider }))
}

async fn arrive(
    app: &AppState,
    flow: &AuthFlow,
    progress: &Progress,
    params: &[(String, String)],
) -> Result<Outcome, StoreError> {
    let home = match home(app, flow).await? {
        Ok(home) => home,
        Err(outcome) => return Ok(outcome),
    };
    let party = app.party(&home.provider, &home.integration, &flow.connection_id, &progress.config);
    let arrived = match flow::arrive(Arrival { party, progress, params }).await {
        Ok(arrived) => arrived,
        Err(error) => return failed(app, flow, &home, &error).await,
    };
    let reconnects = home.session.reconnects().is_some();
    let settling = Settling {
        app,
        environment: &home.environment,
        session: &home.session,
        actor: &home.actor,
        integration: &home.integration,
        provider: &home.provider,
        connection_id: flow.connection_id.clone(),
        existing: if reconnects { Existing::Required } else { Existing::Either },
        credentials: &arrived.obtained.credentials,
        config: arrived.obtained.config,
    };
    let success = Outcome::Success {
        provider_config_key: home.integration.unique_key.clone(),
        connection_id: flow.connection_id.clone(),
        is_pending: arrived.pending,
    };
    let telling = FlowAnnouncer { flow, session: &home.session, outcome: &success };
    // What the provider did not just issue is tested like what a form brings.
    let proof = if is_tested(home.provider.auth_mode()) { Proof::Test } else { Proof::Issued };
    match settling.settle_telling(proof, &telling).await {
        Ok(_) => Ok(success),
        Err(error) => {
            let outcome = Outcome::of_api_error(&error);
            let kind = FlowErrorKind::Integration;
            let told =
                FlowError::new(kind, "The account was authorized, but the connection could not be stored.");
            tell_failure(&app.store, flow, &home, kind.webhook(), &told.message).await?;
            Ok(outcome)
        }
    }
}

/// The provider said no, or nothing that is understood: log and webhook say so, once.
async fn failed(
    app: &AppState,
    flow: &AuthFlow,
    home: &Home,
    error: &FlowError,
) -> Result<Outcome, StoreError> {
    let attempted = Attempted::new(
        app,
        &home.environment,
        &home.integration,
        &flow.connection_id,
        &home.actor,
        Some(&flow.operation),
    );
    attempted.failed(app, error.kind.as_str(), &error.message);
    if home.session.operation.is_none() {
        app.activity.close(&flow.operation, dovetail_model::OperationState::Failed);
    }
    tell_failure(&app.store, flow, home, error.kind.webhook(), &error.message).await?;
    Ok(Outcome::of_flow_error(error))
}

/// One `auth` webhook for a flow that failed (auth-modes.md section 27).
async fn tell_failure(
    store: &Store,
    flow: &AuthFlow,
    home: &Home,
    kind: &str,
    description: &str,
) -> Result<(), StoreError> {
    let operation =
        if home.session.reconnects().is_some() { AuthOperation::Override } else { AuthOperation::Creation };
    let event = AuthEvent {
        operation,
        connection_id: &flow.connection_id,
        provider_config_key: &home.integration.unique_key,
        provider: &home.integration.provider,
        auth_mode: home.provider.auth_mode(),
        environment: &home.environment.name,
        failure: Some(AuthFailure { kind: kind.to_owned(), description: description.to_owned() }),
        tags: None,
        end_user: home.session.end_user.as_ref(),
    };
    let webhook_url = match &home.session.webhook_url {
        dovetail_model::UrlOverride::Set(url) => Some(url.as_str()),
        _ => None,
    };
    let subject = Subject { connection: None, webhook_url, operation: Some(&flow.operation) };
    let mut tx = store.begin().await?;
    enqueue_auth(&mut tx, &home.environment, &event, subject).await?;
    tx.commit().await
}

/// Queues the webhook, and ends the flow in the same transaction: there is no connection without the news of it.
struct FlowAnnouncer<'f> {
    flow: &'f AuthFlow,
    session: &'f ConnectSession,
    outcome: &'f Outcome,
}

impl Announce for FlowAnnouncer<'_> {
    fn linked<'a>(&'a self, tx: &'a mut Tx, news: News<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let Self { flow, session, outcome } = self;
            SessionAnnouncer { session, outcome }.linked(tx, news).await?;
            auth_flows::end(tx, flow.environment, flow.id, flow.attempt, &outcome.to_stored()).await
        }
        .boxed()
    }
}
