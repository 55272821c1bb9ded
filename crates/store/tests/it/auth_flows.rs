//! Attempts to link an account through a provider's own pages.

use std::time::Duration;

use dovetail_model::{ConnectSessionId, IntegrationId, OperationId, Secret};
use dovetail_store::auth_flows::{self, NewAuthFlow};
use dovetail_store::limits::FLOW_RETENTION;
use dovetail_store::{Change, purge};
use serde_json::json;
use uuid::Uuid;

use crate::on_both;

const HOUR: Duration = Duration::from_hours(1);

struct Given {
    state: Secret,
    cookie: Secret,
    operation: OperationId,
}

impl Given {
    fn new() -> Self {
        Self {
            state: "s-1".into(),
            cookie: "b-1".into(),
            operation: "1767225600000_Ab3dE9xQ".parse().unwrap(),
        }
    }

    fn flow(&self, attempt: Option<Uuid>) -> NewAuthFlow<'_> {
        NewAuthFlow {
            session: ConnectSessionId(7),
            attempt,
            state: &self.state,
            binding: Some(&self.cookie),
            integration: IntegrationId(3),
            connection_id: "conn-42",
            operation: &self.operation,
            return_url: None,
            progress: b"verifier",
            lifetime: HOUR,
        }
    }
}

on_both! {
    async fn a_state_is_found_bound_and_used_once(fixture: &Fixture) {
        let given = Given::new();
        let mut tx = fixture.store.begin().await.unwrap();
        auth_flows::begin(&mut tx, fixture.dev, given.flow(None)).await.unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        assert!(auth_flows::by_state(&mut db, &"s-2".into()).await.unwrap().is_none());
        let flow = auth_flows::by_state(&mut db, &given.state).await.unwrap().unwrap();
        assert!(flow.is_bound() && flow.began_with(&db, &given.cookie));
        assert!(!flow.began_with(&db, &"b-2".into()));
        drop(db);

        let mut tx = fixture.store.begin().await.unwrap();
        assert!(auth_flows::take(&mut tx, fixture.prod, flow.id).await.unwrap().is_none());
        let opened = auth_flows::take(&mut tx, fixture.dev, flow.id).await.unwrap().unwrap();
        assert_eq!(&opened[..], b"verifier");
        tx.commit().await.unwrap();
        let mut tx = fixture.store.begin().await.unwrap();
        assert!(auth_flows::take(&mut tx, fixture.dev, flow.id).await.unwrap().is_none());
        let again = auth_flows::by_state(&mut tx, &given.state).await.unwrap().unwrap();
        assert!(again.taken_at.is_some());
    }

    async fn a_flow_cannot_be_finished_after_its_time(fixture: &Fixture) {
        let given = Given::new();
        let mut tx = fixture.store.begin().await.unwrap();
        let id = auth_flows::begin(&mut tx, fixture.dev, given.flow(None)).await.unwrap();
        fixture.clock.advance(HOUR);
        assert!(auth_flows::take(&mut tx, fixture.dev, id).await.unwrap().is_none());
        tx.commit().await.unwrap();
    }

    async fn an_outcome_is_told_and_kept_until_the_purge(fixture: &Fixture) {
        let (given, attempt) = (Given::new(), Uuid::from_u128(9));
        let mut changes = fixture.store.changes();
        let mut tx = fixture.store.begin().await.unwrap();
        let id = auth_flows::begin(&mut tx, fixture.dev, given.flow(Some(attempt))).await.unwrap();
        let told = auth_flows::attempt(&mut tx, attempt).await.unwrap().unwrap();
        assert_eq!((told.session, told.outcome), (ConnectSessionId(7), None));
        auth_flows::end(&mut tx, fixture.dev, id, Some(attempt), &json!({"ok": 1})).await.unwrap();
        auth_flows::end(&mut tx, fixture.dev, id, Some(attempt), &json!({"ok": 2})).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(changes.recv().await.unwrap(), Change::Attempt { attempt });
        let mut db = fixture.store.read().await.unwrap();
        let told = auth_flows::attempt(&mut db, attempt).await.unwrap().unwrap();
        assert_eq!(told.outcome, Some(json!({"ok": 1})));
        drop(db);
        fixture.clock.advance(HOUR + FLOW_RETENTION);
        assert_eq!(purge::run(&fixture.store).await.unwrap().auth_flows, 1);
    }

    async fn a_refusal_before_the_flow_is_an_outcome_too(fixture: &Fixture) {
        let attempt = Uuid::from_u128(10);
        let mut tx = fixture.store.begin().await.unwrap();
        let session = ConnectSessionId(7);
        auth_flows::refuse(&mut tx, fixture.dev, session, attempt, &json!({"no": 1}), HOUR).await.unwrap();
        let told = auth_flows::attempt(&mut tx, attempt).await.unwrap().unwrap();
        assert_eq!(told.outcome, Some(json!({"no": 1})));
        tx.commit().await.unwrap();
    }
}
