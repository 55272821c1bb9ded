//! API keys.

use dovetail_model::{ApiKeyId, KeyLimits, Scope, Scopes, Secret};
use dovetail_store::api_keys::{self, CreateError};
use dovetail_store::limits::MAX_API_KEYS;

use crate::on_both;

on_both! {
    async fn a_key_is_found_in_any_case_and_shown_by_its_end(fixture: &Fixture) {
        let scopes = Scopes::new([Scope::PROXY, Scope::CONNECTIONS]);
        let mut tx = fixture.store.begin().await.unwrap();
        let made = api_keys::create(&mut tx, Some(fixture.dev), "ci", &scopes, &KeyLimits::default()).await.unwrap();
        tx.commit().await.unwrap();
        let mut db = fixture.store.read().await.unwrap();
        let upper = Secret::new(made.secret.expose().to_uppercase());
        let found = api_keys::lookup(&mut db, &upper).await.unwrap().unwrap();
        assert_eq!(found, made.key);
        assert!(made.secret.expose().ends_with(&found.hint) && found.hint.len() == 4);
        assert_eq!(found.scopes, scopes);
    }

    async fn a_key_is_not_in_the_database_in_the_open(fixture: &Fixture) {
        let mut db = fixture.store.read().await.unwrap();
        let listed = api_keys::list(&mut db, Some(fixture.dev)).await.unwrap();
        assert!(!format!("{listed:?}").contains(fixture.dev_key.expose()));
        assert!(api_keys::lookup(&mut db, &"00000000-0000-4000-8000-000000000000".into()).await.unwrap().is_none());
    }

    async fn a_deleted_key_stops_and_frees_its_name(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let scopes = Scopes::full_environment();
        let made = api_keys::create(&mut tx, Some(fixture.dev), "ci", &scopes, &KeyLimits::default()).await.unwrap();
        let again = api_keys::create(&mut tx, Some(fixture.dev), "ci", &scopes, &KeyLimits::default()).await;
        assert!(matches!(again, Err(CreateError::NameTaken)));
        assert!(!api_keys::delete(&mut tx, Some(fixture.prod), made.key.id).await.unwrap());
        assert!(!api_keys::delete(&mut tx, None, made.key.id).await.unwrap());
        assert!(!api_keys::delete(&mut tx, Some(fixture.dev), ApiKeyId(9999)).await.unwrap());
        assert!(api_keys::delete(&mut tx, Some(fixture.dev), made.key.id).await.unwrap());
        assert!(api_keys::lookup(&mut tx, &made.secret).await.unwrap().is_none());
        api_keys::create(&mut tx, Some(fixture.dev), "ci", &scopes, &KeyLimits::default()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn account_keys_stand_apart(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let scopes = Scopes::new([Scope::ACCOUNT]);
        let made = api_keys::create(&mut tx, None, "ops", &scopes, &KeyLimits::default()).await.unwrap();
        assert_eq!(made.key.environment, None);
        assert_eq!(api_keys::list(&mut tx, None).await.unwrap(), [made.key]);
        assert_eq!(api_keys::list(&mut tx, Some(fixture.dev)).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
    }

    async fn the_fifty_first_key_is_refused(fixture: &Fixture) {
        let mut tx = fixture.store.begin().await.unwrap();
        let scopes = Scopes::full_environment();
        for at in 1..MAX_API_KEYS {
            api_keys::create(&mut tx, Some(fixture.dev), &format!("k{at}"), &scopes, &KeyLimits::default()).await.unwrap();
        }
        let more = api_keys::create(&mut tx, Some(fixture.dev), "more", &scopes, &KeyLimits::default()).await;
        assert!(matches!(more, Err(CreateError::TooMany)));
        api_keys::create(&mut tx, Some(fixture.prod), "more", &scopes, &KeyLimits::default()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn limits_are_kept_changed_and_heard_of(fixture: &Fixture) {
        let limits: KeyLimits = serde_json::from_str(
            r#"{"integrations": ["coda"], "tags": {"team": "ops"}, "methods": ["GET"], "paths": ["/docs/*"],
                "expires_at": "2027-01-01T00:00:00Z", "requests_per_minute": 60, "use_only": true}"#,
        )
        .unwrap();
        let scopes = Scopes::new([Scope::PROXY]);
        let mut tx = fixture.store.begin().await.unwrap();
        let made = api_keys::create(&mut tx, Some(fixture.dev), "agent", &scopes, &limits).await.unwrap();
        tx.commit().await.unwrap();
        let cached = fixture.store.cached_api_key(&made.secret).await.unwrap().unwrap();
        assert_eq!(cached.limits.as_deref(), Some(&limits));

        let mut tx = fixture.store.begin().await.unwrap();
        let (wider, none) = (Scopes::full_environment(), KeyLimits::default());
        assert!(!api_keys::set_rights(&mut tx, Some(fixture.prod), made.key.id, &wider, &none).await.unwrap());
        assert!(api_keys::set_rights(&mut tx, Some(fixture.dev), made.key.id, &wider, &none).await.unwrap());
        tx.commit().await.unwrap();
        let cached = fixture.store.cached_api_key(&made.secret).await.unwrap().unwrap();
        assert_eq!((&cached.limits, &cached.scopes), (&None, &wider));
    }
}
