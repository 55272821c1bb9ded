//! Definitions that name the routines, as an operator's overlay would.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use dovetail_catalog::{CatalogHandle, Provider};
use dovetail_model::{
    Credentials, EnvironmentId, Integration, IntegrationClient, IntegrationId, IntegrationSecrets, Timestamp,
};
use serde_json::{Map, Value};

static CATALOG: LazyLock<CatalogHandle> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/routines.yaml");
    let catalog = CatalogHandle::open(Some(file));
    assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
    catalog
});

pub(crate) fn provider(id: &str) -> Arc<Provider> {
    CATALOG.current().shared(id).expect(id)
}

/// Every provider of the overlay.
pub(crate) fn providers() -> Vec<Arc<Provider>> {
    let text = include_str!("routines.yaml");
    text.lines()
        .filter(|line| !line.starts_with([' ', '#']))
        .filter_map(|line| line.strip_suffix(':'))
        .map(provider)
        .collect()
}

pub(crate) fn integration(key: &str, provider: &str) -> Integration {
    Integration {
        id: IntegrationId(1),
        environment: EnvironmentId(1),
        unique_key: key.to_owned(),
        provider: provider.to_owned(),
        display_name: None,
        forward_webhooks: true,
        secrets: IntegrationSecrets {
            client: IntegrationClient::Oauth {
                client_id: "app-1".to_owned(),
                client_secret: "app-secret-1".into(),
                scopes: None,
                webhook_secret: None,
            },
            ..IntegrationSecrets::default()
        },
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

pub(crate) fn credentials(value: Value) -> Credentials {
    serde_json::from_value(value).unwrap()
}

pub(crate) fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}
