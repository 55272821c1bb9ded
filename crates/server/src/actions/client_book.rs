//! Where the OAuth clients that we register for an integration are kept: the argument of `flow::depart`.

use dovetail_connect::mcp::ClientBook;
use dovetail_connect::obtain::ObtainError;
use dovetail_model::{Environment, Integration, RegisteredClient};
use dovetail_store::registered_clients::{self, Registration};
use dovetail_store::{Store, StoreError};
use futures_util::future::BoxFuture;
use url::Url;

/// The clients of one integration.
#[derive(Debug)]
pub(crate) struct StoredClients<'a> {
    store: &'a Store,
    environment: &'a Environment,
    integration: &'a Integration,
    document: Option<String>,
}

/// URL of the document that describes the client of an integration; `None` while we are not reached over https
/// (auth-modes.md 8.3).
pub(crate) fn document_url(
    public_url: &Url,
    environment: &Environment,
    integration: &Integration,
) -> Option<String> {
    (public_url.scheme() == "https").then_some(())?;
    let mut url = public_url.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend([
        "oauth",
        "client-metadata",
        environment.uuid.to_string().as_str(),
        integration.unique_key.as_str(),
    ]);
    url.set_query(None);
    url.set_fragment(None);
    Some(url.into())
}

impl<'a> StoredClients<'a> {
    /// Those of this integration.
    pub(crate) fn of(
        store: &'a Store,
        public_url: &Url,
        environment: &'a Environment,
        integration: &'a Integration,
    ) -> Self {
        Self { store, environment, integration, document: document_url(public_url, environment, integration) }
    }

    fn registration<'r>(&self, issuer: &'r str, redirect_uri: &'r str) -> Registration<'r> {
        Registration { integration: self.integration.id, issuer, redirect_uri }
    }
}

impl ClientBook for StoredClients<'_> {
    fn find<'a>(
        &'a self,
        issuer: &'a str,
        redirect_uri: &'a str,
    ) -> BoxFuture<'a, Result<Option<RegisteredClient>, ObtainError>> {
        Box::pin(async move {
            let registration = self.registration(issuer, redirect_uri);
            let found = async {
                let mut db = self.store.read().await?;
                registered_clients::find(&mut db, self.environment.id, registration).await
            };
            let bytes = found.await.map_err(|error| unavailable(&error))?;
            // One that cannot be read is registered anew.
            Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
        })
    }

    fn keep<'a>(
        &'a self,
        issuer: &'a str,
        redirect_uri: &'a str,
        client: &'a RegisteredClient,
    ) -> BoxFuture<'a, Result<(), ObtainError>> {
        Box::pin(async move {
            let registration = self.registration(issuer, redirect_uri);
            let bytes = zeroize::Zeroizing::new(serde_json::to_vec(client).unwrap_or_default());
            let kept = async {
                let mut tx = self.store.begin().await?;
                registered_clients::keep(
                    &mut tx,
                    self.environment.id,
                    registration,
                    &bytes,
                    client.expires_at,
                )
                .await?;
                tx.commit().await
            };
            kept.await.map_err(|error| unavailable(&error))
        })
    }

    fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }
}

fn unavailable(error: &StoreError) -> ObtainError {
    tracing::error!(%error, "registered clients cannot be read or written");
    ObtainError::Unavailable { status: None, retry_after: None, detail: None }
}
