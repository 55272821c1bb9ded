//! What every handler can reach. Cloning it is cheap.

use std::ops::Deref;
use std::sync::Arc;

use dovetail_model::{Clock, Random, Timestamp};

use crate::auth::RateLimiter;
use crate::config::ServerConfig;

/// The parts of a running server that handlers use.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts themselves; see [`AppState`].
pub struct Parts {
    /// Settings of this process.
    pub config: ServerConfig,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub random: Arc<dyn Random>,
    /// Request counts of callers.
    pub limiter: RateLimiter,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(config: ServerConfig, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let limiter = RateLimiter::new(config.rate_limit_per_min);
        Self(Arc::new(Parts { config, clock, random, limiter }))
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState")
            .field("public_url", &self.config.public_url.as_str())
            .finish_non_exhaustive()
    }
}
