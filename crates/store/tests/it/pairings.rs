//! Codes that pair a device with a browser.

use std::time::Duration;

use dovetail_model::{ConnectSession, SessionPurpose, Tags, UrlOverride};
use dovetail_store::connect_sessions::{self, NewConnectSession};
use dovetail_store::{Tx, pairings};
use serde_json::json;

use crate::on_both;

const LIFETIME: Duration = Duration::from_mins(10);

async fn session(tx: &mut Tx, environment: dovetail_model::EnvironmentId) -> ConnectSession {
    let new = NewConnectSession {
        purpose: SessionPurpose::Connect,
        end_user: None,
        tags: Tags::default(),
        allowed_integrations: Some(vec!["coda".into()]),
        defaults: None,
        overrides: None,
        webhook_url: UrlOverride::Keep,
        operation: None,
    };
    connect_sessions::create(tx, environment, new).await.unwrap().session
}

on_both! {
    async fn two_browsers_with_one_code_open_one_session(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let device = session(&mut tx, fixture.dev).await;
        let made = pairings::begin(&mut tx, &device, &"BCDFGHJKL".into(), Some("tv"), LIFETIME).await.unwrap();
        tx.commit().await.unwrap();
        let found = pairings::by_code(&mut fixture.store.read().await.unwrap(), &"BCDFGHJKL".into()).await.unwrap();
        assert_eq!(found, Some(made.clone()));
        let mut winners = 0;
        for _ in 0..2 {
            let mut tx = fixture.store.begin().await.unwrap();
            let visitor = connect_sessions::create_beside(&mut tx, &device).await.unwrap();
            assert_eq!(visitor.session.expires_at, device.expires_at);
            assert_eq!(visitor.session.allowed_integrations, device.allowed_integrations);
            if pairings::confirm(&mut tx, &made, visitor.session.id).await.unwrap() {
                winners += 1;
                tx.commit().await.unwrap();
            } else {
                tx.rollback().await.unwrap();
            }
        }
        assert_eq!(winners, 1);
    }

    async fn a_look_at_an_old_code_cannot_use_the_new_one(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let device = session(&mut tx, fixture.dev).await;
        let old = pairings::begin(&mut tx, &device, &"BCDFGHJKL".into(), None, LIFETIME).await.unwrap();
        fixture.clock.advance(Duration::from_secs(1));
        pairings::begin(&mut tx, &device, &"MNPQRSTVW".into(), None, LIFETIME).await.unwrap();
        assert!(pairings::by_code(&mut tx, &"BCDFGHJKL".into()).await.unwrap().is_none());
        let visitor = connect_sessions::create_beside(&mut tx, &device).await.unwrap().session.id;
        assert!(!pairings::confirm(&mut tx, &old, visitor).await.unwrap());
        assert!(!pairings::refuse(&mut tx, &old).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn the_first_account_is_what_the_device_hears_of(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let device = session(&mut tx, fixture.dev).await;
        let made = pairings::begin(&mut tx, &device, &"BCDFGHJKL".into(), None, LIFETIME).await.unwrap();
        let visitor = connect_sessions::create_beside(&mut tx, &device).await.unwrap().session.id;
        assert!(pairings::confirm(&mut tx, &made, visitor).await.unwrap());
        pairings::linked(&mut tx, fixture.dev, device.id, &json!("not the browser's session")).await.unwrap();
        pairings::linked(&mut tx, fixture.dev, visitor, &json!("first")).await.unwrap();
        pairings::linked(&mut tx, fixture.dev, visitor, &json!("second")).await.unwrap();
        let read = pairings::of_session(&mut tx, fixture.dev, device.id).await.unwrap().unwrap();
        assert_eq!(read.outcome, Some(json!("first")));
        tx.commit().await.unwrap();
    }
}
