//! Environments and their settings.

use dovetail_model::{
    ConnectUiSettings, Logo, PrivateHeader, PrivateSettings, SigningKeyState, WebhookSettings,
};
use dovetail_store::environments::{self, NewEnvironment};
use dovetail_store::{api_keys, connect_ui, signing_keys};

use crate::on_both;

fn named(name: &str) -> NewEnvironment {
    NewEnvironment { name: name.to_owned(), ..NewEnvironment::default() }
}

on_both! {
    async fn a_new_environment_has_keys_and_settings(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let made = environments::create(&mut tx, named("staging")).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        let id = made.environment.id;
        let key = api_keys::lookup(&mut db, &made.api_key).await.unwrap().unwrap();
        assert_eq!((key.environment, key.name.as_str()), (Some(id), "Default - Full access"));
        assert_eq!(signing_keys::current(&mut db, id).await.unwrap().len(), 1);
        assert_eq!(made.environment.webhooks, WebhookSettings::for_new_environment());
        assert_eq!(connect_ui::get(&mut db, id).await.unwrap(), ConnectUiSettings::default());
        let found = environments::get(&mut db, id).await.unwrap();
        assert_eq!(found, Some(made.environment));
    }

    async fn a_name_is_taken_until_its_environment_is_deleted(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        assert!(environments::create(&mut tx, named("dev")).await.unwrap().is_none());
        assert!(environments::delete(&mut tx, fixture.dev).await.unwrap());
        assert!(!environments::delete(&mut tx, fixture.dev).await.unwrap());
        assert!(environments::create(&mut tx, named("dev")).await.unwrap().is_some());
        tx.commit().await.unwrap();
    }

    async fn the_keys_of_a_deleted_environment_stop(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        environments::delete(&mut tx, fixture.dev).await.unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        assert!(api_keys::lookup(&mut db, &fixture.dev_key).await.unwrap().is_none());
        assert!(api_keys::lookup(&mut db, &fixture.prod_key).await.unwrap().is_some());
    }

    async fn settings_read_back(fixture: &Fixture) {
        let private = PrivateSettings {
            hmac_enabled: true,
            hmac_key: Some("hush".into()),
            otlp_endpoint: Some("https://otel.acme.test".into()),
            otlp_headers: vec![PrivateHeader { name: "x".into(), value: "hush".into() }],
        };
        let webhooks =
            WebhookSettings { primary_url: Some("https://a.test".into()), ..WebhookSettings::default() };
        let look = ConnectUiSettings { app_name: Some("Acme".into()), ..ConnectUiSettings::default() };
        let logo = Logo { content_type: "image/png".into(), bytes: vec![0, 255, 7] };
        let mut tx = fixture.store.begin().await.unwrap();
        environments::set_private(&mut tx, fixture.dev, &private).await.unwrap();
        assert!(environments::set_webhooks(&mut tx, fixture.dev, &webhooks).await.unwrap());
        assert!(environments::set_callback_url(&mut tx, fixture.dev, Some("https://cb.test")).await.unwrap());
        connect_ui::set(&mut tx, fixture.dev, &look).await.unwrap();
        connect_ui::set_logo(&mut tx, fixture.dev, Some(logo.clone())).await.unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        assert_eq!(environments::private(&mut db, fixture.dev).await.unwrap(), private);
        assert_eq!(environments::private(&mut db, fixture.prod).await.unwrap(), PrivateSettings::default());
        let dev = environments::by_name(&mut db, "dev").await.unwrap().unwrap();
        assert_eq!((dev.webhooks, dev.callback_url.as_deref()), (webhooks, Some("https://cb.test")));
        assert_eq!(connect_ui::get(&mut db, fixture.dev).await.unwrap(), look);
        assert_eq!(connect_ui::logo(&mut db, fixture.dev).await.unwrap(), Some(logo));
        assert_eq!(connect_ui::logo(&mut db, fixture.prod).await.unwrap(), None);
    }

    async fn a_replaced_signing_key_signs_beside_the_new_one_for_a_day(fixture: &Fixture) {
        let before = {
            let mut db = fixture.store.read().await.unwrap();
            signing_keys::current(&mut db, fixture.dev).await.unwrap().remove(0)
        };
        let mut tx = fixture.store.begin().await.unwrap();
        let new = signing_keys::rotate(&mut tx, fixture.dev).await.unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        let both = signing_keys::current(&mut db, fixture.dev).await.unwrap();
        assert_eq!(both[0], new);
        assert_eq!(both[1].key, before.key);
        assert!(matches!(both[1].state, SigningKeyState::Retiring { .. }));
        fixture.clock.advance(dovetail_store::limits::SIGNING_KEY_OVERLAP);
        assert_eq!(signing_keys::current(&mut db, fixture.dev).await.unwrap(), [new]);
    }

    async fn at_most_two_keys_sign(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        for _ in 0..3 {
            signing_keys::rotate(&mut tx, fixture.dev).await.unwrap();
        }
        assert_eq!(signing_keys::current(&mut tx, fixture.dev).await.unwrap().len(), 2);
        tx.commit().await.unwrap();
    }

    async fn a_rotated_data_key_still_opens_what_the_old_one_sealed(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        dovetail_store::data_keys::rotate(&mut tx, fixture.dev).await.unwrap();
        tx.commit().await.unwrap();
        for store in [fixture.store.clone(), fixture.reopen().await] {
            let mut db = store.read().await.unwrap();
            assert_eq!(signing_keys::current(&mut db, fixture.dev).await.unwrap().len(), 1);
        }
    }

    async fn an_environment_is_sealed_once_and_opened_again(fixture: &Fixture) {
        for sealed in [true, false] {
            let mut tx = fixture.store.begin().await.unwrap();
            assert!(environments::set_sealed(&mut tx, fixture.dev, sealed).await.unwrap());
            assert!(!environments::set_sealed(&mut tx, fixture.dev, sealed).await.unwrap());
            tx.commit().await.unwrap();
            let found = fixture.store.cached_environment(fixture.dev).await.unwrap().unwrap();
            assert_eq!(found.sealed_at.is_some(), sealed);
        }
        let prod = fixture.store.cached_environment(fixture.prod).await.unwrap().unwrap();
        assert_eq!(prod.sealed_at, None);
    }
}
