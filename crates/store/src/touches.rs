//! When keys and connections were last used: remembered here, written down together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use dovetail_model::{ApiKeyId, ConnectionRowId, Timestamp};

use crate::limits::{MAX_PENDING_TOUCHES, TOUCH_INTERVAL};
use crate::{Db, Store, StoreError};

/// Uses not yet written down, and when each was last.
#[derive(Debug, Default)]
pub(crate) struct Touches(Mutex<Pending>);

#[derive(Debug, Default)]
struct Pending {
    keys: HashMap<ApiKeyId, Timestamp>,
    connections: HashMap<ConnectionRowId, Timestamp>,
}

impl Touches {
    fn with<T>(&self, act: impl FnOnce(&mut Pending) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// Notes that an API key was used. `last` is what its row says: a use within a minute of it is not noted.
    pub fn touch_api_key(&self, key: ApiKeyId, last: Option<Timestamp>) {
        let now = self.clock().now();
        if is_due(last, now) {
            self.touches().with(|pending| {
                if pending.keys.len() < MAX_PENDING_TOUCHES {
                    pending.keys.insert(key, now);
                }
            });
        }
    }

    /// Notes that a connection's credentials were read; `last` as for [`Store::touch_api_key`].
    pub fn touch_connection(&self, connection: ConnectionRowId, last: Option<Timestamp>) {
        let now = self.clock().now();
        if is_due(last, now) {
            self.touches().with(|pending| {
                if pending.connections.len() < MAX_PENDING_TOUCHES {
                    pending.connections.insert(connection, now);
                }
            });
        }
    }

    /// Writes the noted uses down in one transaction. To be called every few seconds, and at shutdown.
    /// Returns how many rows were written. When it fails, the uses noted are lost: they are hints.
    pub async fn flush_touches(&self) -> Result<u64, StoreError> {
        let Pending { keys, connections } = self.touches().with(std::mem::take);
        if keys.is_empty() && connections.is_empty() {
            return Ok(0);
        }
        // In order of id, so that two replicas cannot wait for each other's rows.
        let mut keys: Vec<_> = keys.into_iter().map(|(id, at)| (id.0, at)).collect();
        let mut connections: Vec<_> = connections.into_iter().map(|(id, at)| (id.0, at)).collect();
        keys.sort_unstable();
        connections.sort_unstable();
        let used: Vec<_> = connections.iter().map(|(id, _)| ConnectionRowId(*id)).collect();
        let mut written = 0;
        let mut tx = self.begin().await?;
        for (sql, uses) in [
            (
                "UPDATE api_keys SET last_used_at = $1 WHERE id = $2 \
                 AND (last_used_at IS NULL OR last_used_at <= $3)",
                keys,
            ),
            (
                "UPDATE connections SET last_fetched_at = $1 WHERE id = $2 \
                 AND (last_fetched_at IS NULL OR last_fetched_at <= $3)",
                connections,
            ),
        ] {
            for (id, at) in uses {
                let query = sqlx::query(sql).bind(at.0).bind(id).bind(at.minus(TOUCH_INTERVAL).0);
                written += query.execute(tx.conn()).await?.rows_affected();
            }
        }
        tx.commit().await?;
        self.caches().used(used);
        Ok(written)
    }
}

fn is_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now.since(last) >= TOUCH_INTERVAL)
}
