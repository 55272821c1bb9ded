//! A WebSocket that waits for the outcome of one attempt. It is never alone: the same outcome can be polled.

use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket};
use dovetail_store::{Change, Store, StoreError, auth_flows};
use serde_json::json;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use uuid::Uuid;

use super::Outcome;
use crate::best_effort::CanFail as _;
use crate::limits::{SOCKET_HEARTBEAT, SOCKET_LIFETIME, WAITERS_BUFFER};
use crate::state::AppState;

/// Sockets of this process that wait for outcomes which no row can hold: those of callers that nobody knows.
#[derive(Clone, Debug)]
pub(crate) struct Waiters(broadcast::Sender<(Uuid, Arc<Outcome>)>);

impl Default for Waiters {
    fn default() -> Self {
        Self(broadcast::channel(WAITERS_BUFFER).0)
    }
}

impl Waiters {
    /// Tells the socket of this attempt, if it is here.
    pub(crate) fn tell(&self, attempt: Uuid, outcome: Outcome) {
        // Sending fails only when no socket is open.
        self.0.send((attempt, Arc::new(outcome))).ok();
    }
}

/// Tells the client its id, then the outcome of the attempt of that id, and keeps the socket open until the client
/// leaves or its time is up.
pub(crate) async fn attend(app: AppState, mut socket: WebSocket, id: Uuid) {
    // Before the client knows its id, so that nothing is missed.
    let changes = app.store.changes();
    let direct = app.waiters.0.subscribe();
    let hello = json!({"message_type": "connection_ack", "ws_client_id": id}).to_string();
    if socket.send(Message::text(hello)).await.can_fail("greeting a WebSocket").is_none() {
        return;
    }
    // A client that outstays its time is let go; it asks again if it still waits.
    timeout(SOCKET_LIFETIME, wait(&app.store, &mut socket, id, changes, direct)).await.ok();
}

async fn wait(
    store: &Store,
    socket: &mut WebSocket,
    id: Uuid,
    mut changes: broadcast::Receiver<Change>,
    mut direct: broadcast::Receiver<(Uuid, Arc<Outcome>)>,
) {
    let mut heartbeat = interval_at(Instant::now() + SOCKET_HEARTBEAT, SOCKET_HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = false;
    loop {
        let look = tokio::select! {
            received = socket.recv() => match received {
                Some(Ok(_)) => false,
                Some(Err(_)) | None => return,
            },
            told = direct.recv() => match told {
                Ok((attempt, outcome)) if attempt == id => {
                    send(socket, &outcome).await;
                    return linger(socket).await;
                }
                Ok(_) | Err(RecvError::Lagged(_)) => false,
                Err(RecvError::Closed) => return,
            },
            change = changes.recv() => match change {
                Ok(Change::Attempt { attempt }) => attempt == id,
                Ok(Change::Everything) | Err(RecvError::Lagged(_)) => true,
                Ok(_) => false,
                Err(RecvError::Closed) => return,
            },
            // The time limit that stands in for a notice that got lost, and the sign of life in one.
            _ = heartbeat.tick() => {
                if socket.send(Message::Ping(bytes::Bytes::new())).await.is_err() {
                    return;
                }
                true
            }
        };
        if look && !told {
            match outcome(store, id).await {
                Ok(Some(outcome)) => {
                    send(socket, &outcome).await;
                    told = true;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "the outcome of an attempt could not be read; it is looked for again");
                }
            }
        }
        if told {
            return linger(socket).await;
        }
    }
}

/// One result an id: afterwards the client closes.
async fn linger(socket: &mut WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

async fn outcome(store: &Store, id: Uuid) -> Result<Option<Outcome>, StoreError> {
    let attempt = auth_flows::attempt(&mut store.read().await?, id).await?;
    Ok(attempt.and_then(|attempt| attempt.outcome).map(|stored| Outcome::from_stored(&stored)))
}

async fn send(socket: &mut WebSocket, outcome: &Outcome) {
    socket.send(Message::text(outcome.frame().to_string())).await.can_fail("telling a WebSocket the outcome");
}
