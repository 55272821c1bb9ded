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
    /// Tokens of an app's installation.
    InstallationToken,
    /// An app's installation.
    Installation,
    /// The installations that a person sees.
    Installations,
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
            Kind::Authorization | Kind::Installation | Kind::Installations => method == Method::GET,
            Kind::InstallationToken => method == Method::POST,
            Kind::Token | Kind::RequestToken | Kind::AccessToken => {
                let special = self.provider.token_client.as_ref();
                let calls = special.into_iter().flat_map(|special| [&special.exchange, special.refresh()]);
                let by_get = [self.provider.token_request_method, self.provider.token_http_method]
                    .into_iter()
                    .chain(
                        calls.flat_map(|call| [call.method, call.then.as_ref().and_then(|next| next.method)]),
                    )
                    .any(|method| method == Some(RequestMethod::Get));
                method == Method::POST || by_get
            }
        }
    }
}

/// Where tokens of an installation are given, and where it is described.
fn of_app(url: &str) -> Vec<(Kind, &str)> {
    let described = url.rsplit_once('/').map(|(before, _)| (Kind::Installation, before));
    described.into_iter().chain([(Kind::InstallationToken, url)]).collect()
}

/// Where a person's own installations are listed: at the same host.
fn persons_installations(urls: &[(Kind, &str)]) -> Option<String> {
    let (_, url) = urls.iter().find(|(kind, _)| *kind == Kind::Installation)?;
    let host = url.strip_prefix("https://")?.split('/').next()?;
    Some(format!("https://{host}/user/installations"))
}

impl Endpoints {
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let mut endpoints = Vec::new();
        for provider in catalog.providers() {
            let oauth1 = provider.auth_mode() == AuthMode::Oauth1;
            let token = if oauth1 { Kind::AccessToken } else { Kind::Token };
            let token_urls: Vec<(Kind, &str)> = match &provider.token_url {
                Some(TokenUrl::One(url)) if provider.auth_mode() == AuthMode::App => of_app(url.source()),
                Some(TokenUrl::One(url)) => vec![(token, url.source())],
                Some(TokenUrl::ByMode(by_mode)) => by_mode
                    .iter()
                    .flat_map(|(mode, url)| match mode {
                        "APP" => of_app(url.source()),
                        _ => vec![(token, url.source())],
                    })
                    .collect(),
                None => Vec::new(),
            };
            let persons = match provider.auth_mode() {
                AuthMode::App | AuthMode::Custom => persons_installations(&token_urls),
                _ => None,
            };
            let following = provider.token_client.iter().filter_map(|special| {
                Some((Kind::Token, special.exchange.then.as_ref()?.url.as_ref()?.source()))
            });
            let named = [
                (Kind::Authorization, provider.authorization_url.as_ref()),
                (Kind::Token, provider.refresh_url.as_ref()),
                (Kind::RequestToken, provider.request_url.as_ref()),
            ];
            let named = named.into_iter().filter_map(|(kind, url)| Some((kind, url?.source())));
            let all = named
                .chain(following)
                .chain(persons.iter().map(|url| (Kind::Installations, url.as_str())))
                .chain(token_urls.iter().copied());
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
