//! Joins callers to flights: one flight a connection and process, whoever asks.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_egress::Client;
use dovetail_model::{Clock, Connection, ConnectionRowId, EnvironmentId, Integration, OperationId, Random};
use dovetail_store::Store;
use dovetail_store::connections::SealedConnection;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Map, Value};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, timeout};

use super::error::RefreshError;
use super::machine::{Ending, Wish};
use super::pilot::Pilot;
use super::tell::Tell;
use crate::introspect;
use crate::limits::{
    BACKGROUND_BUDGET, CALLER_WAIT, FLIGHTS, FLIGHTS_PER_CALLER, PROVIDER_BUDGET, REFUSED_PAUSE,
    REFUSED_REMEMBERED, SETTLE,
};
use crate::obtain::{ObtainError, Obtained, Party};
use crate::renew;
use crate::routines::after_link::renew_second_token;

/// What is to be renewed.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    /// The definition.
    pub provider: &'a Provider,
    /// The integration, with its client.
    pub integration: &'a Integration,
    /// The connection, opened.
    pub connection: &'a Connection,
}

/// What belongs to renewed credentials, and is found out after they are stored.
#[derive(Clone, Debug, Default)]
pub struct Company {
    /// Configuration: a second token.
    pub config: Map<String, Value>,
    /// How long they live, where the token response does not say.
    pub life: Option<Duration>,
}

/// Asks a provider for new credentials, once.
pub trait Renewer: Send + Sync {
    /// Sends the request and reads the answer; stores nothing.
    fn renew<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Obtained, ObtainError>>;

    /// Finds out what belongs to the credentials of this connection, which are new and stored; `life_known` when
    /// their life is known. What cannot be found out is left out.
    fn company<'a>(&'a self, _: Renewal<'a>, _life_known: bool) -> BoxFuture<'a, Company> {
        async { Company::default() }.boxed()
    }
}

/// Asks through the network, as each mode does.
#[derive(Clone, Debug)]
pub struct Network {
    /// The door to the network.
    pub egress: Client,
    /// The time of requests.
    pub clock: Arc<dyn Clock>,
    /// Nonces and JWT ids.
    pub random: Arc<dyn Random>,
}

impl Renewer for Network {
    fn renew<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Obtained, ObtainError>> {
        async move { renew::renew(&self.party(renewal), &renewal.connection.credentials).await }.boxed()
    }

    fn company<'a>(&'a self, renewal: Renewal<'a>, life_known: bool) -> BoxFuture<'a, Company> {
        async move {
            let party = self.party(renewal);
            let credentials = &renewal.connection.credentials;
            let mut company = Company::default();
            if let Some(setup) = renew_second_token(party, credentials).await {
                if let Some(problem) = setup.problem {
                    tracing::warn!(provider = party.provider.id(), %problem, "a second token was not renewed");
                }
                company.config = setup.changes.set;
            }
            if !life_known {
                company.life = introspect::life_of(&party, credentials).await.unwrap_or_else(|error| {
                    tracing::debug!(provider = party.provider.id(), %error, "a token was not introspected");
                    None
                });
            }
            company
        }
        .boxed()
    }
}

impl Network {
    fn party<'a>(&'a self, renewal: Renewal<'a>) -> Party<'a> {
        Party {
            egress: &self.egress,
            now: self.clock.now(),
            random: &*self.random,
            provider: renewal.provider,
            integration: renewal.integration,
            connection_id: &renewal.connection.info.connection_id,
            connection_config: &renewal.connection.config,
        }
    }
}

/// How a flight ended, and what it leaves.
#[derive(Clone, Debug)]
pub(super) struct Landed {
    pub(super) ending: Ending,
    /// The row as it is now, when it was read.
    pub(super) connection: Option<Arc<SealedConnection>>,
    pub(super) sentence: Option<String>,
    pub(super) operation: Option<OperationId>,
}

type Landing = watch::Receiver<Option<Arc<Landed>>>;

/// Token requests of one provider at once.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) all: Arc<Semaphore>,
    pub(super) background: Arc<Semaphore>,
}

/// The part of a running server that keeps credentials fresh. Cheap to clone.
#[derive(Clone)]
pub struct Refresher(Arc<Inner>);

pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) catalog: CatalogHandle,
    pub(super) renewer: Arc<dyn Renewer>,
    pub(super) tell: Arc<dyn Tell>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    /// The beginning of the steady clock.
    pub(super) began: Instant,
    flights: Mutex<HashMap<ConnectionRowId, Landing>>,
    budgets: Mutex<HashMap<String, Arc<Budget>>>,
    /// Versions that came of a 401, and when.
    refused: Mutex<HashMap<ConnectionRowId, (i64, Instant)>>,
    /// Flights that have asked a provider and are not over.
    committed: AtomicUsize,
    quiet: Notify,
}

impl Refresher {
    /// A refresher; what it does is told to `tell`.
    pub fn new(
        store: Store,
        catalog: CatalogHandle,
        renewer: Arc<dyn Renewer>,
        tell: Arc<dyn Tell>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            catalog,
            renewer,
            tell,
            clock,
            random,
            began: Instant::now(),
            flights: Mutex::default(),
            budgets: Mutex::default(),
            refused: Mutex::default(),
            committed: AtomicUsize::new(0),
            quiet: Notify::new(),
        }))
    }

    /// Credentials that fulfil the wish; those that are known when a 401 refuses what a 401 made new a moment ago. When a refresh fails for a while, a reader of credentials that have not
    /// expired yet gets those. The refresh goes on when its caller does not wait any more.
    pub async fn refresh(
        &self,
        known: &Arc<SealedConnection>,
        wish: Wish,
    ) -> Result<Arc<SealedConnection>, RefreshError> {
        if let Wish::Refused { version } = wish
            && known.version == version
            && self.0.is_refused_again(known.info.id, version)
        {
            return Ok(Arc::clone(known));
        }
        let landed = self.landed(known.info.environment, known.info.id, wish).await;
        let newest = landed.as_ref().ok().and_then(|landed| landed.connection.clone());
        let outcome = landed.and_then(|landed| settle(&landed));
        let newest = newest.unwrap_or_else(|| Arc::clone(known));
        if let (Wish::Refused { version }, Ok(renewed)) = (wish, &outcome)
            && renewed.version != version
        {
            self.0.remember_refused(known.info.id, renewed.version);
        }
        match outcome {
            Err(error) if wish == Wish::IfDue && error.is_passing() && self.is_usable(&newest) => Ok(newest),
            other => other,
        }
    }

    /// Renews what the plan says is due, in the background's share of the provider's budget.
    pub async fn renew_planned(
        &self,
        provider: &str,
        environment: EnvironmentId,
        id: ConnectionRowId,
        version: i64,
    ) -> Result<(), RefreshError> {
        let share = Arc::clone(&self.0.budget(provider).background);
        let _share = share.acquire_owned().await.map_err(|_| RefreshError::Busy)?;
        self.landed(environment, id, Wish::Planned { version })
            .await
            .and_then(|landed| settle(&landed))
            .map(|_| ())
    }

    /// Waits for flights that have asked a provider, so that no answer is lost. For shutdown.
    pub async fn settle(&self) {
        let settled = async {
            loop {
                let quiet = self.0.quiet.notified();
                if self.0.committed.load(Ordering::SeqCst) == 0 {
                    return;
                }
                quiet.await;
            }
        };
        if timeout(SETTLE, settled).await.is_err() {
            let left = self.0.committed.load(Ordering::SeqCst);
            tracing::warn!(flights = left, "refreshes were still under way when the server stopped");
        }
    }

    fn is_usable(&self, connection: &SealedConnection) -> bool {
        connection.info.credentials_expire_at.is_none_or(|end| self.0.clock.now() < end)
    }

    /// Joins the connection's flight, or starts one; again while its ending does not answer the wish.
    async fn landed(
        &self,
        environment: EnvironmentId,
        id: ConnectionRowId,
        wish: Wish,
    ) -> Result<Arc<Landed>, RefreshError> {
        let deadline = Instant::now() + CALLER_WAIT;
        for _ in 0..FLIGHTS_PER_CALLER {
            let mut landing = self.join(environment, id, wish)?;
            let landed = tokio::time::timeout_at(deadline, landing.wait_for(Option::is_some)).await;
            // A flight that ended without a word was aborted with the runtime.
            let landed = match landed {
                Ok(Ok(landed)) => landed.clone().ok_or(RefreshError::Store)?,
                Ok(Err(_)) => return Err(RefreshError::Store),
                Err(_) => return Err(RefreshError::Busy),
            };
            if landed.ending.answers(wish) {
                return Ok(landed);
            }
        }
        Err(RefreshError::Busy)
    }

    fn join(
        &self,
        environment: EnvironmentId,
        id: ConnectionRowId,
        wish: Wish,
    ) -> Result<Landing, RefreshError> {
        let mut flights = self.0.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(landing) = flights.get(&id) {
            return Ok(landing.clone());
        }
        if flights.len() >= FLIGHTS {
            return Err(RefreshError::Busy);
        }
        let (told, landing) = watch::channel(None);
        flights.insert(id, landing.clone());
        drop(flights);
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            // Removed also when the flight panics: the next caller starts another.
            let _entry = Entry { inner: &inner, id };
            let landed = Pilot::new(&inner, environment, id, wish).fly().await;
            inner.forget(id);
            told.send_replace(Some(Arc::new(landed)));
        });
        Ok(landing)
    }
}

impl Inner {
    fn forget(&self, id: ConnectionRowId) {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    fn is_refused_again(&self, id: ConnectionRowId, version: i64) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(&id).is_some_and(|(known, at)| *known == version && at.elapsed() < REFUSED_PAUSE)
    }

    fn remember_refused(&self, id: ConnectionRowId, version: i64) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= REFUSED_REMEMBERED {
            refused.clear();
        }
        refused.insert(id, (version, Instant::now()));
    }

    pub(super) fn budget(&self, provider: &str) -> Arc<Budget> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = budgets.get(provider) {
            return Arc::clone(budget);
        }
        let budget = Arc::new(Budget {
            all: Arc::new(Semaphore::new(PROVIDER_BUDGET)),
            background: Arc::new(Semaphore::new(BACKGROUND_BUDGET)),
        });
        budgets.insert(provider.to_owned(), Arc::clone(&budget));
        budget
    }

    /// Counts a flight that asks a provider until the guard is dropped.
    pub(super) fn commit(self: &Arc<Self>) -> Committed {
        self.committed.fetch_add(1, Ordering::SeqCst);
        Committed(Arc::clone(self))
    }
}

/// A flight that shutdown waits for.
pub(super) struct Committed(Arc<Inner>);

impl Drop for Committed {
    fn drop(&mut self) {
        self.0.committed.fetch_sub(1, Ordering::SeqCst);
        self.0.quiet.notify_waiters();
    }
}

/// The entry of a flight in the table of flights, unless the flight removed it itself.
struct Entry<'a> {
    inner: &'a Inner,
    id: ConnectionRowId,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.inner.forget(self.id);
        }
    }
}

fn settle(landed: &Landed) -> Result<Arc<SealedConnection>, RefreshError> {
    match landed.ending {
        Ending::Current { .. } | Ending::Fixed => landed.connection.clone().ok_or(RefreshError::Store),
        Ending::Gone => Err(RefreshError::Gone),
        Ending::Expired => Err(RefreshError::Expired),
        Ending::HeldBack(failure) => {
            Err(RefreshError::HeldBack { until: failure.next, problem: failure.problem })
        }
        Ending::Exhausted(failure) => Err(RefreshError::Exhausted { problem: failure.problem }),
        Ending::Failed(state, problem) => {
            let sentence = landed.sentence.clone().unwrap_or_else(|| "the refresh failed".to_owned());
            Err(RefreshError::failed(state, problem, sentence, landed.operation.clone()))
        }
        Ending::Busy => Err(RefreshError::Busy),
        Ending::NoStore => Err(RefreshError::Store),
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresher").finish_non_exhaustive()
    }
}
