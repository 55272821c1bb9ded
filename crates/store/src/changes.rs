//! Telling caches what changed: in this process, and between replicas on one PostgreSQL.

use std::sync::Arc;

use dovetail_model::{ApiKeyId, ConnectSessionId, ConnectionRowId, EnvironmentId, IntegrationId, Secret};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::cache::Caches;
use crate::dialect::Dialect;
use crate::limits::LISTEN_RETRY;
use crate::{Db, StoreError, Tx};

const CHANNEL: &str = "dovetail_changes";

/// Something committed that a cache may hold an older copy of. Delivery is at least once. Nobody may depend
/// on it alone: a copy also ends by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Anything may have changed: the connection to the database was lost for a while. Forget all.
    Everything,
    /// An environment, its settings or variables.
    Environment {
        /// Which.
        environment: EnvironmentId,
    },
    /// An environment's webhook signing keys.
    SigningKeys {
        /// Whose.
        environment: EnvironmentId,
    },
    /// An environment's data keys.
    DataKeys {
        /// Whose.
        environment: EnvironmentId,
    },
    /// An API key was made, changed or deleted.
    ApiKey {
        /// Which.
        key: ApiKeyId,
    },
    /// An integration; its connections name its key and provider.
    Integration {
        /// The environment.
        environment: EnvironmentId,
        /// Which.
        integration: IntegrationId,
    },
    /// A connection.
    Connection {
        /// The environment.
        environment: EnvironmentId,
        /// Which.
        connection: ConnectionRowId,
    },
    /// An attempt to link an account came to its end.
    Attempt {
        /// The name its browser waits by.
        attempt: Uuid,
    },
    /// A connect session was deleted.
    ConnectSession {
        /// Which.
        session: ConnectSessionId,
    },
    /// A delivery is due.
    Outbox,
    /// A dashboard account or session.
    Users,
}

#[derive(Serialize, Deserialize)]
struct Notice {
    from: String,
    change: Change,
}

/// On PostgreSQL, queues notices that the server sends when the transaction commits.
pub(crate) async fn notify(tx: &mut Tx) -> Result<(), StoreError> {
    if tx.store.dialect() != Dialect::Postgres {
        return Ok(());
    }
    for change in tx.changes.clone() {
        let notice = Notice { from: tx.store.instance().to_owned(), change };
        let Ok(payload) = serde_json::to_string(&notice) else { continue };
        sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(tx.conn()).await?;
    }
    Ok(())
}

/// Tells this process what another replica changed: its cache first, then its subscribers.
pub(crate) struct Teller {
    pub(crate) sender: broadcast::Sender<Change>,
    pub(crate) caches: Arc<Caches>,
}

impl Teller {
    fn tell(&self, change: Change) {
        self.caches.apply(change);
        emit(&self.sender, change);
    }
}

/// Passes other replicas' notices on, for as long as it is polled.
pub(crate) async fn listen(url: Secret, instance: String, teller: Teller) {
    let mut heard_before = false;
    loop {
        match connect(&url).await {
            Ok(mut listener) => {
                if heard_before {
                    teller.tell(Change::Everything);
                }
                heard_before = true;
                receive(&mut listener, &instance, &teller).await;
                tracing::warn!("lost the connection that listens for changes of other replicas");
            }
            Err(error) => tracing::warn!(%error, "cannot listen for changes of other replicas"),
        }
        tokio::time::sleep(LISTEN_RETRY).await;
    }
}

async fn connect(url: &Secret) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect(url.expose()).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn receive(listener: &mut PgListener, instance: &str, teller: &Teller) {
    // `None` and errors both mean that notices may have been missed.
    while let Ok(Some(notification)) = listener.try_recv().await {
        match serde_json::from_str::<Notice>(notification.payload()) {
            Ok(notice) if notice.from == instance => {}
            Ok(notice) => teller.tell(notice.change),
            // A replica of a newer version may know other changes.
            Err(_) => teller.tell(Change::Everything),
        }
    }
}

pub(crate) fn emit(sender: &broadcast::Sender<Change>, change: Change) {
    // Sending fails only when nobody is subscribed, and then there is nobody to tell.
    sender.send(change).ok();
}
