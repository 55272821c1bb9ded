//! Performs the effects of one flight on the store, the provider and the clock.

use std::sync::Arc;
use std::time::Duration;

use dovetail_catalog::Provider;
use dovetail_model::{
    Connection, ConnectionRowId, EnvironmentId, Level, OperationId, OperationKind, OperationState,
    RefreshState,
};
use dovetail_store::connections::{self, Failed, NewLease, SealedConnection, Swap};
use dovetail_store::operations::{self, Operation};
use dovetail_store::{Change, Db as _, StoreError, Tx, integrations};
use serde_json::{Map, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, timeout};

use super::error::{answer_of, problem_of};
use super::machine::{Answer, Effect, Ending, Event, Machine, Now, RowFacts, SeenLease, Wish};
use super::policy::Lifetime;
use super::refresher::{Committed, Company, Inner, Landed, Renewal};
use super::schedule::{chance, lifetime, plan_for, plan_with_company, second_token_end};
use super::tell::{News, Report, Turn};
use crate::config::split;
use crate::limits::{COMPANY_TOTAL, LEARNED_LIFE_LEAST, LEASE_SPAN, STORE_DEADLINE};
use crate::obtain::{ObtainError, Obtained};
use crate::renew::is_renewable;

/// Attempts to store new credentials together with what belongs to them; then they are stored alone.
const FULL_STORES: u32 = 3;

/// One flight under way.
pub(super) struct Pilot<'a> {
    inner: &'a Arc<Inner>,
    environment: EnvironmentId,
    id: ConnectionRowId,
    wish: Wish,
    /// Names this flight as the owner of a lease.
    owner: String,
    row: Option<Arc<SealedConnection>>,
    opened: Option<Connection>,
    provider: Option<Arc<Provider>>,
    received: Option<Obtained>,
    /// Attempts to store what was received.
    stores: u32,
    /// The version that it was stored as.
    stored: Option<i64>,
    refusal: Option<ObtainError>,
    operation: Option<Operation>,
    /// Whether a transaction wrote the operation down.
    written: bool,
    took: Duration,
    permit: Option<OwnedSemaphorePermit>,
    committed: Option<Committed>,
    changes: Option<Receiver<Change>>,
}

impl<'a> Pilot<'a> {
    pub(super) fn new(
        inner: &'a Arc<Inner>,
        environment: EnvironmentId,
        id: ConnectionRowId,
        wish: Wish,
    ) -> Self {
        Self {
            inner,
            environment,
            id,
            wish,
            owner: inner.random.hex(12),
            row: None,
            opened: None,
            provider: None,
            received: None,
            stores: 0,
            stored: None,
            refusal: None,
            operation: None,
            written: false,
            took: Duration::ZERO,
            permit: None,
            committed: None,
            changes: None,
        }
    }

    /// Flies to the end.
    pub(super) async fn fly(mut self) -> Landed {
        let mut machine = Machine::new(self.wish);
        let mut event = Event::Begin;
        loop {
            let effect = machine.step(event, self.now());
            if let Effect::End(ending) = effect {
                self.complete().await;
                return self.land(ending);
            }
            event = self.perform(effect).await;
        }
    }

    fn now(&self) -> Now {
        Now { wall: self.inner.clock.now(), steady: self.inner.began.elapsed() }
    }

    async fn perform(&mut self, effect: Effect) -> Event {
        match effect {
            Effect::Read => bounded(self.read()).await,
            Effect::Lease { version, over } => self.lease(version, over).await,
            Effect::Ask { deadline } => Event::Answered(self.ask(deadline).await),
            Effect::Store { version } => bounded(self.store(version)).await,
            Effect::Record { version, token, state, before, keep } => {
                bounded(self.record(version, token, state, before, keep)).await
            }
            Effect::Release { token } => bounded(self.release(token)).await,
            Effect::Wait(span) => self.wait(span).await,
            Effect::End(_) => Event::Failed,
        }
    }

    async fn read(&mut self) -> Result<Event, StoreError> {
        let mut db = self.inner.store.read().await?;
        let Some(sealed) = connections::by_row(&mut db, self.environment, self.id).await? else {
            return Ok(Event::Gone);
        };
        drop(db);
        self.hold(sealed)?;
        let (Some(row), Some(opened)) = (&self.row, &self.opened) else { return Ok(Event::Gone) };
        Ok(Event::Row(RowFacts {
            version: row.version,
            renewable: is_renewable(self.provider.as_deref(), &opened.credentials),
            life: self.life(row, opened),
            health: row.info.refresh,
            lease: row.lease.as_ref().map(|lease| SeenLease {
                token: lease.token,
                mine: lease.owner.as_deref() == Some(self.owner.as_str()),
            }),
        }))
    }

    /// How long the credentials live, with what belongs to them.
    fn life(&self, row: &SealedConnection, opened: &Connection) -> Lifetime {
        let mut life = lifetime(&row.info, self.provider.as_deref());
        if let Some(end) = second_token_end(&opened.config, life.issued_at) {
            life.expires_at = Some(life.expires_at.map_or(end, |own| own.min(end)));
        }
        life
    }

    fn hold(&mut self, sealed: SealedConnection) -> Result<(), StoreError> {
        self.opened = Some(sealed.open()?);
        self.provider = self.inner.catalog.current().shared(&sealed.info.provider);
        self.row = Some(Arc::new(sealed));
        Ok(())
    }

    async fn lease(&mut self, version: i64, over: Option<i64>) -> Event {
        if self.permit.is_none() {
            let provider = self.row.as_ref().map_or("", |row| row.info.provider.as_str());
            let all = Arc::clone(&self.inner.budget(provider).all);
            match Arc::clone(&all).try_acquire_owned() {
                Ok(permit) => self.permit = Some(permit),
                Err(_) => {
                    // What was read grows old while others use up the budget: decide anew afterwards.
                    self.permit = all.acquire_owned().await.ok();
                    return Event::NotLeased;
                }
            }
        }
        bounded(async {
            let mut tx = self.inner.store.begin().await?;
            let new = NewLease { version, owner: &self.owner, over, span: LEASE_SPAN };
            let token = connections::lease_refresh(&mut tx, self.environment, self.id, new).await?;
            tx.commit().await?;
            Ok(token.map_or(Event::NotLeased, |token| Event::Leased { token }))
        })
        .await
    }

    async fn ask(&mut self, deadline: Duration) -> Answer {
        self.committed.get_or_insert_with(|| self.inner.commit());
        let started = Instant::now();
        self.operation = self.begin_operation();
        let outcome = timeout(deadline, self.exchange()).await.unwrap_or_else(|_| {
            let detail = Some("no answer came in time".to_owned());
            Err(ObtainError::Unavailable { status: None, retry_after: None, detail })
        });
        self.took = started.elapsed();
        self.permit = None;
        match outcome {
            Ok(obtained) => {
                self.received = Some(obtained);
                Answer::Renewed
            }
            Err(error) => {
                let answer = answer_of(&error);
                self.refusal = Some(error);
                answer
            }
        }
    }

    async fn exchange(&self) -> Result<Obtained, ObtainError> {
        let lacks = |what: &str| ObtainError::Unbuildable(what.to_owned());
        let connection = self.opened.as_ref().ok_or_else(|| lacks("The connection was not read."))?;
        let provider = self.provider.as_deref();
        let provider = provider.ok_or_else(|| lacks("The catalogue has no definition of the service."))?;
        let integration = self.integration().await.map_err(|error| {
            tracing::warn!(%error, "an integration could not be read for a refresh");
            lacks("The integration could not be read.")
        })?;
        let integration = integration.ok_or_else(|| lacks("The integration is gone."))?;
        let renewal = Renewal { provider, integration: &integration, connection };
        self.inner.renewer.renew(renewal).await
    }

    async fn integration(&self) -> Result<Option<dovetail_model::Integration>, StoreError> {
        let Some(row) = &self.row else { return Ok(None) };
        let mut db = self.inner.store.read().await?;
        integrations::get(&mut db, self.environment, row.info.integration).await
    }

    async fn store(&mut self, version: i64) -> Result<Event, StoreError> {
        self.stores += 1;
        let (Some(row), Some(received)) = (self.row.clone(), self.received.clone()) else {
            return Ok(Event::NotStored);
        };
        let mut tx = self.inner.store.begin().await?;
        let swap = connections::replace_credentials(
            &mut tx,
            self.environment,
            self.id,
            version,
            &received.credentials,
        )
        .await?;
        let Swap::Done { version } = swap else { return Ok(Event::NotStored) };
        let now = tx.now();
        let learned = self.learned_life(&row, now);
        let plan =
            plan_for(self.provider.as_deref(), &received.credentials, now, learned, &*self.inner.random);
        connections::set_refresh_plan(&mut tx, self.environment, self.id, version, plan).await?;
        // What belongs to the credentials must not be able to keep them from being stored.
        if self.stores <= FULL_STORES {
            self.store_company(&mut tx, &row, received).await?;
        }
        let stored = connections::by_row(&mut tx, self.environment, self.id).await?;
        tx.commit().await?;
        if let Some(stored) = stored {
            self.row = Some(Arc::new(stored));
        }
        self.stored = Some(version);
        Ok(Event::Stored { version })
    }

    /// Finds out what belongs to the credentials that this flight stored, and keeps it. They are safe already: what
    /// goes wrong here is made good by the next refresh.
    async fn complete(&mut self) {
        let Some(version) = self.stored else { return };
        let company = timeout(COMPANY_TOTAL, self.company()).await.unwrap_or_default();
        if company.config.is_empty() && company.life.is_none() {
            return;
        }
        if matches!(bounded(self.keep(version, company)).await, Event::Failed) {
            tracing::warn!("what belongs to renewed credentials could not be stored");
        }
    }

    async fn company(&self) -> Company {
        let (Some(row), Some(provider)) = (&self.row, self.provider.as_deref()) else {
            return Company::default();
        };
        // Most have none: no need to open anything.
        if provider.post_connection().is_none() && provider.introspection_url.is_none() {
            return Company::default();
        }
        let (Ok(connection), Ok(Some(integration))) = (row.open(), self.integration().await) else {
            return Company::default();
        };
        let life_known = row.learned_life.is_some() || connection.credentials.expires_at().is_some();
        let renewal = Renewal { provider, integration: &integration, connection: &connection };
        self.inner.renewer.company(renewal, life_known).await
    }

    async fn keep(&mut self, version: i64, company: Company) -> Result<Event, StoreError> {
        let (Some(row), Some(provider)) = (self.row.clone(), self.provider.clone()) else {
            return Ok(Event::NotStored);
        };
        let mut tx = self.inner.store.begin().await?;
        let now = row.info.credentials_issued_at.unwrap_or_else(|| tx.now());
        let credentials = row.open_credentials()?;
        let learned = company.life.or(row.learned_life);
        let plan = plan_for(Some(&provider), &credentials, now, learned, &*self.inner.random);
        let plan = plan_with_company(plan, &company.config, now);
        if !connections::set_refresh_plan(&mut tx, self.environment, self.id, version, plan).await? {
            return Ok(Event::NotStored);
        }
        let update = split(&provider, company.config);
        connections::amend_config(&mut tx, self.environment, self.id, version, &update, &[]).await?;
        let stored = connections::by_row(&mut tx, self.environment, self.id).await?;
        tx.commit().await?;
        if let Some(stored) = stored {
            self.row = Some(Arc::new(stored));
        }
        Ok(Event::Stored { version })
    }

    /// Configuration found in the answer, and the news that refreshing works again.
    async fn store_company(
        &mut self,
        tx: &mut Tx,
        row: &SealedConnection,
        received: Obtained,
    ) -> Result<(), StoreError> {
        if let Some(provider) = self.provider.as_deref()
            && !received.config.is_empty()
        {
            let update = split(provider, received.config);
            connections::replace_config(tx, self.environment, self.id, &update).await?;
        }
        if row.info.refresh != RefreshState::Healthy {
            let mut operation = self.operation.clone().or_else(|| self.begin_operation());
            if let Some(operation) = &mut operation {
                self.succeed(operation);
                operations::create(tx, operation).await?;
                self.turned(tx, row, operation, &Turn::Recovered).await?;
                self.operation = Some(operation.clone());
                self.written = true;
            }
        }
        Ok(())
    }

    /// After what time the provider refused credentials whose end it does not tell.
    fn learned_life(&self, row: &SealedConnection, now: dovetail_model::Timestamp) -> Option<Duration> {
        let refused = matches!(self.wish, Wish::Refused { .. }) && row.info.credentials_expire_at.is_none();
        let seen = row.info.credentials_issued_at.filter(|_| refused).map(|at| now.since(at));
        let seen = seen.filter(|life| *life >= LEARNED_LIFE_LEAST);
        match (seen, row.learned_life) {
            (Some(seen), Some(known)) => Some(seen.min(known)),
            (seen, known) => seen.or(known),
        }
    }

    async fn record(
        &mut self,
        version: i64,
        token: i64,
        state: RefreshState,
        before: RefreshState,
        keep_lease: bool,
    ) -> Result<Event, StoreError> {
        let Some(row) = self.row.clone() else { return Ok(Event::NotRecorded) };
        let Some(mut operation) = self.operation.clone().or_else(|| self.begin_operation()) else {
            return Ok(Event::NotRecorded);
        };
        self.fail(&mut operation, state);
        let plan = match (state, state.failure()) {
            (RefreshState::Failing(_), Some(failure)) => {
                let wait = failure.next.since(failure.last);
                let spread = wait / 5 * u32::from(chance(&*self.inner.random)) / 1000;
                Some(failure.next.plus(spread))
            }
            _ => None,
        };
        let mut tx = self.inner.store.begin().await?;
        operations::create(&mut tx, &operation).await?;
        let failed = Failed { version, token, state, operation: &operation.id, plan, keep_lease };
        if !connections::record_refresh_failure(&mut tx, self.environment, self.id, failed).await? {
            tx.rollback().await?;
            return Ok(Event::NotRecorded);
        }
        if let Some(turn) = self.turn(before, state) {
            self.turned(&mut tx, &row, &operation, &turn).await?;
        }
        tx.commit().await?;
        self.operation = Some(operation);
        self.written = true;
        Ok(Event::Recorded)
    }

    /// What a failure turns, when it turns anything: the first of a row, or the last.
    fn turn(&self, before: RefreshState, after: RefreshState) -> Option<Turn> {
        let problem = after.failure()?.problem;
        match (before, after) {
            (RefreshState::Exhausted { .. }, _) => None,
            (_, RefreshState::Exhausted { .. }) => Some(Turn::GivenUp { problem, sentence: self.sentence() }),
            (RefreshState::Healthy, _) => Some(Turn::Failing { problem, sentence: self.sentence() }),
            _ => None,
        }
    }

    async fn turned(
        &self,
        tx: &mut Tx,
        row: &SealedConnection,
        operation: &Operation,
        turn: &Turn,
    ) -> Result<(), StoreError> {
        let Some(environment) = dovetail_store::environments::get(tx, self.environment).await? else {
            return Ok(());
        };
        let provider = self.provider.as_deref();
        let news = News { environment: &environment, provider, info: &row.info, operation, turn };
        self.inner.tell.turned(tx, news).await
    }

    async fn release(&mut self, token: i64) -> Result<Event, StoreError> {
        let mut tx = self.inner.store.begin().await?;
        connections::release_refresh(&mut tx, self.environment, self.id, token).await?;
        tx.commit().await?;
        Ok(Event::Released)
    }

    /// Waits; while another replica is at it, no longer than until it changes the row.
    async fn wait(&mut self, span: Duration) -> Event {
        let watched =
            self.received.is_none() && self.row.as_ref().and_then(|row| row.lease.as_ref()).is_some();
        if !watched {
            tokio::time::sleep(span).await;
            return Event::Woke;
        }
        self.permit = None;
        let (environment, connection) = (self.environment, self.id);
        let changes = self.changes.get_or_insert_with(|| self.inner.store.changes());
        let changed = async {
            loop {
                match changes.recv().await {
                    Ok(change) if change == (Change::Connection { environment, connection }) => return,
                    Ok(_) => {}
                    // Something was missed, or nothing comes any more: the wait below is the bound.
                    Err(_) => std::future::pending::<()>().await,
                }
            }
        };
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(span) => {}
        }
        Event::Woke
    }

    fn begin_operation(&self) -> Option<Operation> {
        let info = &self.row.as_ref()?.info;
        let now = self.inner.clock.now();
        let kind = OperationKind::AuthRefreshToken;
        Some(Operation {
            id: OperationId::generate(now, &*self.inner.random),
            environment: Some(self.environment),
            kind,
            state: OperationState::Running,
            level: Level::Info,
            message: kind.label().to_owned(),
            integration: Some((info.integration, info.provider_config_key.clone())),
            provider: Some(info.provider.clone()),
            connection: Some((Some(info.id), info.connection_id.clone())),
            details: Map::new(),
            created_at: now,
            updated_at: now,
            started_at: Some(now),
            ended_at: None,
            expires_at: None,
        })
    }

    fn succeed(&self, operation: &mut Operation) {
        let expires_at = self.received.as_ref().and_then(|received| received.credentials.expires_at());
        let meta = json!({ "expiresAt": expires_at, "asked": self.why() });
        operation.details.insert("meta".to_owned(), meta);
        self.end(operation, OperationState::Success, Level::Info);
    }

    fn fail(&self, operation: &mut Operation, state: RefreshState) {
        let Some(failure) = state.failure() else { return };
        let error = json!({ "name": problem_of(failure.problem), "message": self.sentence() });
        operation.details.insert("error".to_owned(), error);
        let exhausted = matches!(state, RefreshState::Exhausted { .. });
        let meta = json!({
            "reason": failure.problem.as_str(), "failures": failure.failures, "givenUp": exhausted,
            "nextAttempt": failure.next, "asked": self.why(),
        });
        operation.details.insert("meta".to_owned(), meta);
        self.end(operation, OperationState::Failed, Level::Error);
    }

    fn end(&self, operation: &mut Operation, state: OperationState, level: Level) {
        let now = self.inner.clock.now();
        (operation.state, operation.level) = (state, level);
        (operation.updated_at, operation.ended_at) = (now, Some(now));
    }

    const fn why(&self) -> &'static str {
        match self.wish {
            Wish::IfDue => "due",
            Wish::Planned { .. } => "planned",
            Wish::Refused { .. } => "refused",
            Wish::Forced => "forced",
        }
    }

    fn sentence(&self) -> String {
        self.refusal.as_ref().map_or_else(|| "The refresh failed.".to_owned(), ToString::to_string)
    }

    fn land(mut self, ending: Ending) -> Landed {
        self.report(ending);
        Landed {
            ending,
            connection: self.row.take(),
            sentence: self.refusal.as_ref().map(ToString::to_string),
            operation: self.operation.take().filter(|_| self.written).map(|operation| operation.id),
        }
    }

    fn report(&mut self, ending: Ending) {
        let (Some(mut operation), Some(row)) = (self.operation.clone(), self.row.clone()) else { return };
        let stored = matches!(ending, Ending::Current { renewed: true, .. }) && self.received.is_some();
        let outcome = match ending {
            _ if stored => "renewed",
            Ending::Failed(_, problem) => problem.as_str(),
            _ => "superseded",
        };
        if !self.written {
            match ending {
                Ending::Failed(state, _) => self.fail(&mut operation, state),
                _ => self.succeed(&mut operation),
            }
        }
        self.inner.tell.ended(Report {
            operation: &operation,
            unwritten: !self.written,
            info: &row.info,
            outcome,
            took: self.took,
            expires_at: row.info.credentials_expire_at.filter(|_| stored),
        });
    }
}

/// A database call within its bound. What it did is unknown when it fails.
async fn bounded(call: impl Future<Output = Result<Event, StoreError>>) -> Event {
    match timeout(STORE_DEADLINE, call).await {
        Ok(Ok(event)) => event,
        Ok(Err(error)) => {
            tracing::warn!(%error, "a database call of a refresh failed");
            Event::Failed
        }
        Err(_) => {
            tracing::warn!("a database call of a refresh took too long");
            Event::Failed
        }
    }
}
