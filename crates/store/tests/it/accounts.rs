//! Dashboard accounts, their sessions, the set-up token, the audit trail.

use std::time::Duration;

use dovetail_model::{Actor, AuditOutcome, Role};
use dovetail_store::audit_events::{self, AuditTarget, NewAuditEvent};
use dovetail_store::{meta, user_sessions, users};
use serde_json::json;

use crate::on_both;

const DAY: Duration = Duration::from_hours(24);

on_both! {
    async fn an_account_is_found_by_its_address_in_any_case(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        assert!(!users::exist(&mut tx).await.unwrap());
        let made = users::create(&mut tx, "Pia@Acme.test", "Pia", "$argon2id$x", Role::Administrator).await;
        let made = made.unwrap().unwrap();
        let again = users::create(&mut tx, "pia@acme.test", "Other", "x", Role::Administrator).await;
        assert_eq!(again.unwrap(), None);
        assert!(users::exist(&mut tx).await.unwrap());
        assert_eq!(users::by_email(&mut tx, "PIA@acme.test").await.unwrap(), Some(made.clone()));
        assert_eq!(users::get(&mut tx, made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(users::list(&mut tx).await.unwrap(), [made]);
        tx.commit().await.unwrap();
    }

    async fn a_session_lives_until_it_expires_or_is_ended(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let user = users::create(&mut tx, "a@b.test", "A", "x", Role::ProductionSupport).await.unwrap().unwrap();
        let token = user_sessions::create(&mut tx, user.id, Some("Browser"), DAY).await.unwrap();
        let other = user_sessions::create(&mut tx, user.id, None, DAY).await.unwrap();
        let found = user_sessions::lookup(&mut tx, &token).await.unwrap().unwrap();
        assert_eq!(found.user, user);
        assert_eq!(found.expires_at, fixture.clock_now().plus(DAY));
        fixture.clock.advance(DAY / 2);
        assert!(user_sessions::extend(&mut tx, found.id, DAY).await.unwrap());
        fixture.clock.advance(DAY / 2);
        assert!(user_sessions::lookup(&mut tx, &other).await.unwrap().is_none());
        assert!(user_sessions::lookup(&mut tx, &token).await.unwrap().is_some());
        assert!(user_sessions::delete(&mut tx, found.id).await.unwrap());
        assert!(user_sessions::lookup(&mut tx, &token).await.unwrap().is_none());
        tx.commit().await.unwrap();
    }

    async fn a_new_password_ends_every_session(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let user = users::create(&mut tx, "a@b.test", "A", "x", Role::Administrator).await.unwrap().unwrap();
        let token = user_sessions::create(&mut tx, user.id, None, DAY).await.unwrap();
        assert!(users::set_password(&mut tx, user.id, "y").await.unwrap());
        assert!(user_sessions::lookup(&mut tx, &token).await.unwrap().is_none());
        assert_eq!(users::get(&mut tx, user.id).await.unwrap().unwrap().password_hash, "y");
        tx.commit().await.unwrap();
    }

    async fn the_set_up_token_works_once_and_only_the_newest(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let old = meta::new_setup_token(&mut tx).await.unwrap();
        let new = meta::new_setup_token(&mut tx).await.unwrap();
        assert!(!meta::is_setup_token(&mut tx, &old).await.unwrap());
        assert!(meta::is_setup_token(&mut tx, &new).await.unwrap());
        assert!(!meta::take_setup_token(&mut tx, &old).await.unwrap());
        assert!(meta::take_setup_token(&mut tx, &new).await.unwrap());
        assert!(!meta::take_setup_token(&mut tx, &new).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn the_audit_trail_reads_back_filtered(fixture: &Fixture) {
        let event = |resource: &str, action: &str, environment| NewAuditEvent {
            environment,
            actor: Actor::User { id: 1, display: "pia@acme.test".into() },
            resource: resource.into(),
            action: action.into(),
            targets: vec![AuditTarget { kind: resource.into(), id: "1".into(), display: "x".into() }],
            context: json!({"interface":"dashboard"}).as_object().unwrap().clone(),
            outcome: AuditOutcome::Success,
            metadata: json!({"fields":["name"]}).as_object().unwrap().clone(),
        };
        let mut tx = fixture.store.begin().await.unwrap();
        let first = event("api_key", "created", Some(fixture.dev));
        audit_events::record(&mut tx, &first).await.unwrap();
        fixture.clock.advance(Duration::from_secs(1));
        let second = event("api_key", "deleted", Some(fixture.dev));
        let second_id = audit_events::record(&mut tx, &second).await.unwrap();
        audit_events::record(&mut tx, &event("app_auth", "login", None)).await.unwrap();
        let all = audit_events::list(&mut tx, &audit_events::Filter::default(), 10).await.unwrap();
        assert_eq!(all.len(), 3);
        assert_eq!(all[2].event, first);
        let filter = audit_events::Filter {
            environment: Some(fixture.dev),
            resources: vec!["api_key".into()],
            actions: vec!["created".into(), "deleted".into()],
            from: Some(fixture.clock_now()),
            ..audit_events::Filter::default()
        };
        let some = audit_events::list(&mut tx, &filter, 10).await.unwrap();
        assert_eq!(some.iter().map(|e| e.id).collect::<Vec<_>>(), [second_id]);
        let before = audit_events::Filter {
            before: Some(second_id),
            to: Some(fixture.clock_now()),
            ..audit_events::Filter::default()
        };
        assert_eq!(audit_events::list(&mut tx, &before, 10).await.unwrap()[0].event, first);
        tx.commit().await.unwrap();
    }
}
