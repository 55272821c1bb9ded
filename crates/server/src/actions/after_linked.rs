//! What a definition wants done once an account is linked (spec: auth-modes.md 2.5, 23): the last step of every way
//! that an account is linked or imported.

use std::time::Duration;

use dovetail_catalog::{Installation, Provider};
use dovetail_connect::limits::COMPANY_TOTAL;
use dovetail_connect::link::Linked;
use dovetail_connect::obtain::Party;
use dovetail_connect::pending::is_pending;
use dovetail_connect::refresh::{plan_for, plan_with_company};
use dovetail_connect::routines::Changes;
use dovetail_connect::routines::after_link::{Setup, after_link};
use dovetail_connect::{config, introspect};
use dovetail_model::{Credentials, Environment, Integration, Level, MessageContext, OperationId};
use dovetail_store::connections::{self, SealedConnection};
use dovetail_store::{Db as _, StoreError, outbox};
use serde_json::{Map, json};

use super::log_link::note_exchanges;
use crate::state::AppState;

/// What was found out.
#[derive(Default)]
struct Found {
    changes: Changes,
    life: Option<Duration>,
}

/// Runs the definition's routine, bounded in time, and keeps what it found out. The account is linked already: what
/// goes wrong here is a warning in the activity log and never an error of the caller's. Answers the connection as it
/// is afterwards.
pub(crate) async fn after_linked(
    app: &AppState,
    environment: &Environment,
    integration: &Integration,
    provider: &Provider,
    linked: Linked,
    credentials: &Credentials,
) -> SealedConnection {
    let Linked { connection, operation, .. } = linked;
    // What waits for the provider's own announcement has nothing to be asked with yet.
    let is_announced = provider.installation == Some(Installation::Outbound);
    let nothing = provider.post_connection().is_none() && provider.introspection_url.is_none();
    if nothing || (is_announced && is_pending(&connection.public_config)) {
        return connection;
    }
    let found = run(app, integration, provider, &connection, &operation, credentials).await;
    match keep(app, environment, provider, &connection, &operation, (credentials, found)).await {
        Ok(Some(connection)) => connection,
        // Linked again or deleted meanwhile: whoever did that has run the routine with newer credentials.
        Ok(None) => connection,
        Err(error) => {
            tracing::error!(error = %error, "the configuration of a linked account could not be stored");
            let sentence = "What the service told about the account could not be stored";
            note(app, &operation, provider, Level::Warn, sentence);
            connection
        }
    }
}

async fn run(
    app: &AppState,
    integration: &Integration,
    provider: &Provider,
    connection: &SealedConnection,
    operation: &OperationId,
    credentials: &Credentials,
) -> Found {
    let known = match connection.open_config() {
        Ok(config) => config,
        Err(error) => {
            tracing::error!(error = %error, "a connection that was just stored does not open");
            return Found::default();
        }
    };
    let party = app.party(provider, integration, &connection.info.connection_id, &known);
    let (setup, life) = tokio::join!(after_link(party, credentials), life_of(party, credentials));
    let Some(Setup { changes, problem, exchanges }) = setup else {
        return Found { life, ..Found::default() };
    };
    note_exchanges(app, operation, &exchanges);
    if let Some(problem) = problem {
        let name = &provider.display_name;
        let sentence =
            format!("The account is linked, but {name} did not tell everything about it. {problem}");
        note(app, operation, provider, Level::Warn, &sentence);
    }
    Found { changes, life }
}

/// How long the credentials live, where only the service can tell: what is not known is learned later.
async fn life_of(party: Party<'_>, credentials: &Credentials) -> Option<Duration> {
    let asked = tokio::time::timeout(COMPANY_TOTAL, introspect::life_of(&party, credentials)).await;
    asked.ok()?.unwrap_or_else(|error| {
        tracing::debug!(provider = party.provider.id(), %error, "a token was not introspected");
        None
    })
}

fn note(app: &AppState, operation: &OperationId, provider: &Provider, level: Level, sentence: &str) {
    let details = Map::from_iter([("meta".to_owned(), json!({ "routine": provider.post_connection() }))]);
    app.activity.note(operation, level, MessageContext::Auth, sentence, details);
}

/// Keeps what was found out, and lets the webhook go that has waited for it.
async fn keep(
    app: &AppState,
    environment: &Environment,
    provider: &Provider,
    connection: &SealedConnection,
    operation: &OperationId,
    (credentials, found): (&Credentials, Found),
) -> Result<Option<SealedConnection>, StoreError> {
    let (id, version) = (connection.info.id, connection.version);
    let mut tx = app.store.begin().await?;
    let Found { changes, life } = found;
    let now = tx.now();
    if life.is_some() || !changes.is_empty() {
        let plan = plan_for(Some(provider), credentials, now, life, &*app.random);
        let plan = plan_with_company(plan, &changes.set, now);
        connections::set_refresh_plan(&mut tx, environment.id, id, version, plan).await?;
    }
    if !changes.is_empty() {
        let update = config::split(provider, changes.set);
        connections::amend_config(&mut tx, environment.id, id, version, &update, &changes.remove).await?;
    }
    outbox::reschedule(&mut tx, id, operation, now).await?;
    let connection = connections::by_row(&mut tx, environment.id, id).await?;
    tx.commit().await?;
    Ok(connection)
}
