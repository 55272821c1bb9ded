//! Which client we are at an authorization server: the integration's own, one described by a document of ours, or one
//! that we register (auth-modes.md 7, 8.1).

use std::fmt;

use dovetail_model::{Integration, IntegrationClient, RegisteredClient, Secret};
use futures_util::future::BoxFuture;

use super::register::register;
use crate::obtain::{ObtainError, Party};

/// Where clients that we registered are kept, for one integration.
pub trait ClientBook: Send + Sync {
    /// The client at this issuer, under this redirect URI.
    fn find<'a>(
        &'a self,
        issuer: &'a str,
        redirect_uri: &'a str,
    ) -> BoxFuture<'a, Result<Option<RegisteredClient>, ObtainError>>;

    /// Keeps a client that was just registered.
    fn keep<'a>(
        &'a self,
        issuer: &'a str,
        redirect_uri: &'a str,
        client: &'a RegisteredClient,
    ) -> BoxFuture<'a, Result<(), ObtainError>>;

    /// URL of the document that describes the integration's client; `None` where it cannot be reached over https.
    fn document(&self) -> Option<&str>;
}

/// What an authorization server announced, or a definition says in its place.
pub(crate) struct Announced<'a> {
    /// The issuer, or whatever names the server.
    pub(crate) issuer: &'a str,
    pub(crate) registration: Option<&'a str>,
    pub(crate) documents: bool,
}

/// How a client of an integration calls itself where it introduces itself.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its home page.
    pub uri: Option<&'a str>,
    /// Its logo.
    pub logo: Option<&'a str>,
}

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a client calls itself when its owner gave it no name.
const NAME: &str = "Dovetail";

impl<'a> Names<'a> {
    /// Those of the integration.
    pub fn of(integration: &'a Integration) -> Self {
        let custom = |name: &str| {
            integration.secrets.custom.get(name).map(Secret::expose).filter(|text| !text.is_empty())
        };
        let name = custom("oauth_client_name").or(integration.display_name.as_deref()).unwrap_or(NAME);
        Self { name, uri: custom("oauth_client_uri"), logo: custom("oauth_client_logo_uri") }
    }
}

/// The client for a server, registered now when it has to be.
pub(crate) async fn client_for(
    party: &Party<'_>,
    book: &dyn ClientBook,
    announced: Announced<'_>,
    redirect_uri: &str,
    scope: Option<&str>,
) -> Result<RegisteredClient, ObtainError> {
    if let Some(own) = own(party.integration) {
        return Ok(own);
    }
    if announced.documents
        && let Some(document) = book.document()
    {
        let (id, secret) = (document.to_owned(), Secret::new(""));
        return Ok(RegisteredClient { id, secret, method: Some("none".to_owned()), expires_at: None });
    }
    if let Some(known) = book.find(announced.issuer, redirect_uri).await? {
        return Ok(known);
    }
    let Some(endpoint) = announced.registration else {
        return Err(ObtainError::Unbuildable(
            "The authorization server registers no clients. The owner of the integration has to add a client id"
                .to_owned(),
        ));
    };
    let client = register(party, endpoint, redirect_uri, scope).await?;
    book.keep(announced.issuer, redirect_uri, &client).await?;
    Ok(client)
}

fn own(integration: &Integration) -> Option<RegisteredClient> {
    match &integration.secrets.client {
        IntegrationClient::Oauth { client_id, client_secret, .. } if !client_id.is_empty() => {
            let (id, secret) = (client_id.clone(), client_secret.clone());
            Some(RegisteredClient { id, secret, method: None, expires_at: None })
        }
        _ => None,
    }
}
