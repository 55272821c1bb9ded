//! What every handler can reach. Cloning it is cheap.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dovetail_activity::Journal;
use dovetail_activity::metrics::Metrics;
use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_connect::obtain::Party;
use dovetail_connect::refresh::{Network, Refresher};
use dovetail_model::{Clock, Integration, Random, Timestamp};
use dovetail_proxy::Proxy;
use dovetail_store::Store;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use crate::actions::refresh_news::RefreshNews;
use crate::auth::RateLimiter;
use crate::catalog_answers::CatalogAnswers;
use crate::config::ServerConfig;
use crate::limits::MAX_TUNNELS;
use crate::popup::Waiters;

/// The parts of a running server that handlers use.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts themselves; see [`AppState`].
pub struct Parts {
    /// Settings of this process.
    pub config: ServerConfig,
    /// The database.
    pub store: Store,
    /// The provider catalogue.
    pub catalog: CatalogHandle,
    /// Answers about the whole of it, made once.
    pub catalog_answers: CatalogAnswers,
    /// The only door to the network.
    pub egress: dovetail_egress::Client,
    /// Forwards calls through it.
    pub proxy: Proxy,
    /// Keeps credentials fresh. Let it settle at shutdown.
    pub refresher: Refresher,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub random: Arc<dyn Random>,
    /// Request counts of callers.
    pub limiter: RateLimiter,
    /// WebSockets of this process that wait for an outcome.
    pub(crate) waiters: Waiters,
    /// Takes entries of the activity log and the audit trail. Flush it at shutdown.
    pub activity: Journal,
    /// Counters and gauges, shown at `/metrics`.
    pub metrics: Arc<Metrics>,
    /// Places for proxied calls that changed their protocol.
    pub tunnels: Arc<Semaphore>,
    draining: AtomicBool,
}

/// What [`AppState::new`] is made from.
#[derive(Debug)]
pub struct Foundations {
    /// Settings of this process.
    pub config: ServerConfig,
    /// The database.
    pub store: Store,
    /// The provider catalogue.
    pub catalog: CatalogHandle,
    /// The only door to the network.
    pub egress: dovetail_egress::Client,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub random: Arc<dyn Random>,
}

impl AppState {
    /// Puts the parts together and starts the writer of the activity log: needs a running tokio runtime.
    pub fn new(from: Foundations) -> Self {
        let Foundations { config, store, catalog, egress, clock, random } = from;
        let limiter = RateLimiter::new(config.rate_limit_per_min);
        let draining = AtomicBool::new(false);
        let policy = config.proxy_policy.clone();
        let proxy = Proxy::new(egress.clone(), Arc::clone(&clock), Arc::clone(&random), policy);
        let metrics = Metrics::new();
        let activity = Journal::start(store.clone(), Arc::clone(&clock), Arc::clone(&metrics));
        let refresher = Refresher::new(
            store.clone(),
            catalog.clone(),
            Arc::new(Network {
                egress: egress.clone(),
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
            }),
            Arc::new(RefreshNews { activity: activity.clone(), metrics: Arc::clone(&metrics) }),
            Arc::clone(&clock),
            Arc::clone(&random),
        );
        Self(Arc::new(Parts {
            config,
            store,
            catalog,
            catalog_answers: CatalogAnswers::default(),
            egress,
            proxy,
            refresher,
            clock,
            random,
            limiter,
            waiters: Waiters::default(),
            activity,
            metrics,
            tunnels: Arc::new(Semaphore::new(MAX_TUNNELS)),
            draining,
        }))
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A party to an exchange with a provider, as of now.
    pub(crate) fn party<'a>(
        &'a self,
        provider: &'a Provider,
        integration: &'a Integration,
        connection_id: &'a str,
        connection_config: &'a Map<String, Value>,
    ) -> Party<'a> {
        Party {
            egress: &self.egress,
            now: self.now(),
            random: &*self.random,
            provider,
            integration,
            connection_id,
            connection_config,
        }
    }

    /// Tells load balancers, through `/ready`, to send no more requests: shutdown has begun.
    pub fn begin_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether shutdown has begun.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
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
