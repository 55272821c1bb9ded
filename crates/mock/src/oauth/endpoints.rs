//! The OAuth addresses of every provider.

use std::sync::Arc;

use dovetail_catalog::{Catalog, Provider, RequestMethod, TokenUrl};
use dovetail_model::AuthMode;
use http::Method;

use crate::received::Received;
use crate::site::{Precision, Site};

/// What is at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The page on which a person consents.
    Authorization,
    /// Tokens for codes and refresh tokens.
    Token,
    /// OAuth 1 request tokens.
    RequestToken,
    /// OAuth 1 access tokens.
    AccessToken,
}

/// One address of one provider.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) kind: Kind,
    pub(crate) provider: Arc<Provider>,
    site: Site,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Endpoints(Vec<Endpoint>);

impl Endpoint {
    fn takes(&self, method: &Method) -> bool {
        match self.kind {
            Kind::Authorization => method == Method::GET,
            Kind::Token | Kind::RequestToken | Kind::AccessToken => {
                let by_get = [self.provider.token_request_method, self.provider.token_http_method]
                    .contains(&Some(RequestMethod::Get));
                method == Method::POST || by_get
            }
        }
    }
}

impl Endpoints {
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let mut endpoints = Vec::new();
        for provider in catalog.providers() {
            let oauth1 = provider.auth_mode() == AuthMode::Oauth1;
            let token = if oauth1 { Kind::AccessToken } else { Kind::Token };
            let token_urls: Vec<&str> = match &provider.token_url {
                Some(TokenUrl::One(template)) => vec![template.source()],
                Some(TokenUrl::ByMode(by_mode)) => by_mode.iter().map(|(_, url)| url.source()).collect(),
                None => Vec::new(),
            };
            let named = [
                (Kind::Authorization, provider.authorization_url.as_ref()),
                (Kind::Token, provider.refresh_url.as_ref()),
                (Kind::RequestToken, provider.request_url.as_ref()),
            ];
            let named = named.into_iter().filter_map(|(kind, url)| Some((kind, url?.source())));
            let all = named.chain(token_urls.into_iter().map(|url| (token, url)));
            let sites: Vec<(Kind, Site)> = all
                .flat_map(|(kind, url)| {
                    url.split("||").filter_map(move |url| Some((kind, Site::parse(url)?)))
                })
                .collect();
            endpoints.extend(sites.into_iter().map(|(kind, site)| Endpoint {
                kind,
                provider: provider.clone(),
                site,
            }));
        }
        Self(endpoints)
    }

    /// The address that a request is for: the surest host first, the whole path.
    pub(crate) fn find(&self, request: &Received) -> Option<&Endpoint> {
        let host = match request.url.port() {
            Some(port) => format!("{}:{port}", request.host()),
            None => request.host().to_owned(),
        };
        let path = request.url.path().trim_end_matches('/');
        self.0
            .iter()
            .filter_map(|endpoint| {
                let fit = endpoint.site.matches(&host, path)?;
                // The root of any host whatever is no sign of a provider.
                let told = fit.precision != Precision::Any || !path.is_empty();
                let whole = fit.path_matches
                    && fit.base_path == path
                    && told
                    && endpoint.takes(&request.parts.method);
                whole.then_some((fit.precision, endpoint))
            })
            .min_by_key(|(precision, _)| *precision)
            .map(|(_, endpoint)| endpoint)
    }
}
