//! Connect sessions.

use std::collections::BTreeMap;
use std::time::Duration;

use dovetail_model::{
    EndUser, IntegrationDefaults, IntegrationOverrides, Organization, SessionPurpose, Tags, UrlOverride,
    limits::CONNECT_SESSION_TTL_MS,
};
use dovetail_store::connect_sessions::{self, NewConnectSession};

use crate::on_both;

fn session() -> NewConnectSession {
    let defaults = IntegrationDefaults {
        user_scopes: Some("a".into()),
        authorization_params: None,
        connection_config: serde_json::from_str(r#"{"subdomain":"acme"}"#).unwrap(),
    };
    NewConnectSession {
        purpose: SessionPurpose::Connect,
        end_user: Some(EndUser {
            id: "u_81".into(),
            display_name: None,
            email: Some("pia@acme.test".into()),
            tags: None,
            organization: Some(Organization { id: "org_4".into(), display_name: None }),
        }),
        tags: Tags::parse([("team", "Ops")]).unwrap(),
        allowed_integrations: Some(vec!["coda".into()]),
        defaults: Some(BTreeMap::from([("coda".into(), defaults)])),
        overrides: Some(BTreeMap::from([("coda".into(), IntegrationOverrides { docs_connect: None })])),
        webhook_url: UrlOverride::Clear,
        operation: Some("1767225600000_Ab3dE9xQ".parse().unwrap()),
    }
}

on_both! {
    async fn a_session_reads_back_by_its_token(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connect_sessions::create(&mut tx, fixture.dev, session()).await.unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        let found = connect_sessions::lookup(&mut db, &made.token).await.unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{:?}", made.session));
        assert!(found.allows("coda") && !found.allows("ordinal"));
        assert!(connect_sessions::lookup(&mut db, &"nango_connect_session_0".into()).await.unwrap().is_none());
    }

    async fn an_expired_session_is_not_found(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connect_sessions::create(&mut tx, fixture.dev, session()).await.unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        fixture.clock.advance(Duration::from_millis(CONNECT_SESSION_TTL_MS.unsigned_abs() - 1));
        assert!(connect_sessions::lookup(&mut db, &made.token).await.unwrap().is_some());
        fixture.clock.advance(Duration::from_millis(1));
        assert!(connect_sessions::lookup(&mut db, &made.token).await.unwrap().is_none());
    }

    async fn a_deleted_session_is_gone(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let made = connect_sessions::create(&mut tx, fixture.dev, session()).await.unwrap();
        assert!(!connect_sessions::delete(&mut tx, fixture.prod, made.session.id).await.unwrap());
        assert!(connect_sessions::delete(&mut tx, fixture.dev, made.session.id).await.unwrap());
        assert!(!connect_sessions::delete(&mut tx, fixture.dev, made.session.id).await.unwrap());
        assert!(connect_sessions::lookup(&mut tx, &made.token).await.unwrap().is_none());
        tx.commit().await.unwrap();
    }

    async fn an_empty_list_of_integrations_allows_all(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let new = NewConnectSession { allowed_integrations: Some(vec![]), ..session() };
        let made = connect_sessions::create(&mut tx, fixture.dev, new).await.unwrap();
        assert_eq!(made.session.allowed_integrations, None);
        tx.commit().await.unwrap();
    }
}
