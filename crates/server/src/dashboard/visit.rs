//! A signed-in person looking at one environment: what every page of it begins with.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path, Query};
use dovetail_model::{Actor, Environment, EnvironmentId, Timestamp};
use dovetail_store::environments;
use http::Method;
use http::request::Parts;

use super::audit::Origin;
use super::error::PageError;
use super::format::When;
use super::limits::SEARCH_CHARS;
use super::session::{self, Person};
use super::shell::{EnvironmentView, Section, Shell, base_of, done_text};
use super::{cookies, csrf};
use crate::state::AppState;

/// Somebody signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    /// The server's parts.
    pub app: AppState,
    /// Who it is.
    pub person: Person,
    /// The token for forms.
    pub csrf: String,
    /// The chosen theme.
    pub theme: &'static str,
    /// Where the request came from.
    pub origin: Origin,
    /// The query string; the first value of each name.
    query: HashMap<String, String>,
}

/// Somebody signed in, at an environment that exists.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Who, and with what.
    pub by: SignedIn,
    /// Where.
    pub environment: Environment,
    /// `/dashboard/{environment}`.
    pub base: String,
    environments: Vec<Environment>,
}

impl SignedIn {
    /// A value of the query string, trimmed and bounded; empty when absent.
    pub(crate) fn query(&self, name: &str) -> String {
        self.query
            .get(name)
            .map(|value| value.trim().chars().take(SEARCH_CHARS).collect())
            .unwrap_or_default()
    }

    /// As the audit trail names the person.
    pub(crate) fn actor(&self) -> Actor {
        Actor::User { id: self.person.id.0, display: self.person.email.clone() }
    }
}

impl Visit {
    /// The server's parts.
    pub(crate) fn app(&self) -> &AppState {
        &self.by.app
    }

    /// The environment's id.
    pub(crate) fn env(&self) -> EnvironmentId {
        self.environment.id
    }

    /// Every environment that the person may see.
    pub(crate) fn environments(&self) -> &[Environment] {
        &self.environments
    }

    /// The current instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.by.app.now()
    }

    /// A moment as shown now.
    pub(crate) fn when(&self, at: Timestamp) -> When {
        When::new(at, self.now())
    }

    /// A value of the query string.
    pub(crate) fn query(&self, name: &str) -> String {
        self.by.query(name)
    }

    /// An address below the environment.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.base)
    }

    /// Whether secrets of the environment may be shown: asked before every reveal.
    pub(crate) fn unsealed(&self) -> Result<(), PageError> {
        if self.environment.sealed_at.is_some() { Err(PageError::Sealed) } else { Ok(()) }
    }

    /// Scopes that a provider's documentation names; empty where none are known.
    pub(crate) fn known_scopes(&self, provider: &str) -> Vec<String> {
        self.app().catalog.current().available_scopes(provider)
    }

    /// As the audit trail names the person.
    pub(crate) fn actor(&self) -> Actor {
        self.by.actor()
    }

    /// The base of the server's own addresses, without a trailing slash.
    pub(crate) fn public_url(&self) -> &str {
        self.by.app.config.base()
    }

    /// The frame of a page.
    pub(crate) fn shell(&self, section: Section, title: impl Into<String>) -> Shell {
        let view = |environment: &Environment| EnvironmentView {
            name: environment.name.clone(),
            production: environment.is_production,
            sealed: environment.sealed_at.is_some(),
            href: format!("{}{}", base_of(&environment.name), section.path()),
        };
        Shell {
            title: title.into(),
            base: self.base.clone(),
            section,
            crumbs: Vec::new(),
            env: view(&self.environment),
            environments: self.environments.iter().map(view).collect(),
            email: self.by.person.email.clone(),
            csrf: self.by.csrf.clone(),
            theme: self.by.theme,
            simulated: self.by.app.config.simulates(),
            done: done_text(&self.by.query("done")),
        }
    }
}

/// Where a provider's logo is, on the host the browser is already talking to.
pub(crate) fn logo(provider: &str) -> String {
    format!("/images/template-logos/{provider}.svg")
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let token = cookies::read(&parts.headers, cookies::SESSION).map(str::to_owned);
        let person = match &token {
            Some(token) => session::find(app, token).await?,
            None => None,
        };
        let (Some(person), Some(token)) = (person, token) else {
            return Err(PageError::SignedOut { next: next_after_sign_in(parts) });
        };
        let Ok(origin) = Origin::from_request_parts(parts, app).await;
        let Query(query) = Query::try_from_uri(&parts.uri).unwrap_or_default();
        Ok(Self {
            app: app.clone(),
            person,
            csrf: csrf::issue(&token, &*app.random),
            theme: super::theme::chosen(&parts.headers),
            origin,
            query,
        })
    }
}

/// A visit to pages that do not belong to the environment they are reached from: it may be one in which the person
/// changes nothing.
#[derive(Debug)]
pub(crate) struct AnyVisit(pub(crate) Visit);

impl FromRequestParts<AppState> for AnyVisit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        Visit::of(parts, app).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let visit = Self::of(parts, app).await?;
        if parts.method != Method::GET && !visit.by.person.may_change(&visit.environment) {
            return Err(PageError::Forbidden);
        }
        Ok(visit)
    }
}

impl Visit {
    async fn of(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let by = SignedIn::from_request_parts(parts, app).await?;
        let path: Result<Path<HashMap<String, String>>, _> = Path::from_request_parts(parts, app).await;
        let name = path.ok().and_then(|Path(mut params)| params.remove("environment")).unwrap_or_default();
        let mut db = app.store.read().await.map_err(PageError::internal)?;
        let mut environments = environments::list(&mut db).await.map_err(PageError::internal)?;
        environments.retain(|environment| by.person.may_see(environment));
        let environment = environments
            .iter()
            .find(|environment| environment.name == name)
            .cloned()
            .ok_or_else(|| PageError::not_found("This environment", "/dashboard"))?;
        Ok(Self { by, base: base_of(&environment.name), environment, environments })
    }
}

/// The page to show after signing in: the one asked for, or the one the form stood on.
fn next_after_sign_in(parts: &Parts) -> String {
    if parts.method == Method::GET {
        parts.uri.path_and_query().map_or_else(String::new, |path| path.as_str().to_owned())
    } else {
        String::new()
    }
}
