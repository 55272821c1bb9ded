//! Holders of API keys, remembered for a moment: without it every request would ask the database twice.
//!
//! A deleted key stops at once: the store's notice of a committed change empties the cache before the next look.
//! Between replicas the notice travels through the database; should it be lost, an entry ends by age.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use dovetail_model::{Secret, Timestamp};
use dovetail_store::{Change, Store};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use super::key::KeyHolder;
use crate::limits::{KEY_CACHE_LIFETIME, MAX_CACHED_KEYS};

/// See the module.
#[derive(Debug)]
pub struct KeyCache(Mutex<State>);

#[derive(Debug)]
struct State {
    changes: Receiver<Change>,
    entries: HashMap<Fingerprint, Entry>,
    /// Counts the times the cache was emptied: what was read before the last one is not put in.
    generation: u64,
}

#[derive(Debug)]
struct Entry {
    holder: Arc<KeyHolder>,
    ends: Timestamp,
}

/// A digest of a key: the cache holds no keys.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; digest::SHA256_OUTPUT_LEN]);

/// Proof of when a reader began to read; see [`KeyCache::put`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Generation(u64);

impl Fingerprint {
    pub(super) fn of(key: &Secret) -> Self {
        let mut bytes = [0; digest::SHA256_OUTPUT_LEN];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, key.expose().as_bytes()).as_ref());
        Self(bytes)
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprint(***)")
    }
}

impl KeyCache {
    /// An empty cache that hears the store's changes.
    pub fn new(store: &Store) -> Self {
        Self(Mutex::new(State { changes: store.changes(), entries: HashMap::new(), generation: 0 }))
    }

    /// The holder of a key; else what [`Self::put`] needs after looking it up.
    pub(super) fn get(&self, key: Fingerprint, now: Timestamp) -> Result<Arc<KeyHolder>, Generation> {
        let state = self.lock();
        match state.entries.get(&key) {
            Some(entry) if now < entry.ends => Ok(Arc::clone(&entry.holder)),
            _ => Err(Generation(state.generation)),
        }
    }

    /// Remembers a holder, unless something changed since it was looked up.
    pub(super) fn put(&self, key: Fingerprint, holder: Arc<KeyHolder>, read: Generation, now: Timestamp) {
        let mut state = self.lock();
        if state.generation != read.0 {
            return;
        }
        if state.entries.len() >= MAX_CACHED_KEYS {
            state.entries.retain(|_, entry| now < entry.ends);
        }
        if state.entries.len() < MAX_CACHED_KEYS {
            state.entries.insert(key, Entry { holder, ends: now.plus(KEY_CACHE_LIFETIME) });
        }
    }

    /// The state, after hearing what changed.
    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match state.changes.try_recv() {
                Ok(Change::ApiKey { .. } | Change::Environment { .. } | Change::Everything)
                | Err(TryRecvError::Lagged(_)) => {
                    state.entries.clear();
                    state.generation += 1;
                }
                Ok(_) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return state,
            }
        }
    }
}
