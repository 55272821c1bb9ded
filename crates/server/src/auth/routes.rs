//! What a route accepts, as handlers write it.

use std::sync::Arc;

use dovetail_model::{Act, Scope, Timestamp};

use super::caller::{AccountCaller, Caller, SessionCaller};
use super::key::{self, KeyHolder};
use super::rate_limit::Bucket;
use super::reach::Reach;
use super::refusal::{self, count, count_key};
use super::{session, token};
use crate::call::{Call, Head};
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// The beginning of every authorisation.
#[derive(Clone, Copy, Debug)]
pub struct Auth;

impl Auth {
    /// An API key bound to an environment. Without a scope, any such key.
    pub fn key() -> Key {
        Key { scopes: Vec::new(), is_limited: false }
    }

    /// An API key for acts on the account.
    pub fn account_key() -> AccountKey {
        AccountKey { scopes: Vec::new(), is_limited: false }
    }

    /// A connect session token or an API key, in the `Authorization` header.
    pub fn session_or_key() -> SessionOrKey {
        SessionOrKey { scopes: Vec::new(), is_limited: false }
    }

    /// A connect session token in the `Authorization` header.
    pub fn session() -> Session {
        Session
    }

    /// A connect session token as `token` of the body.
    pub fn session_in_body() -> SessionInBody {
        SessionInBody
    }

    /// A connect session token in the query, or a public key, which is always refused.
    pub fn session_or_public() -> SessionOrPublic {
        SessionOrPublic
    }

    /// Anybody, limited by address.
    pub fn public() -> Public {
        Public
    }
}

/// See [`Auth::key`].
#[derive(Clone, Debug)]
pub struct Key {
    scopes: Vec<Scope>,
    is_limited: bool,
}

/// See [`Auth::account_key`].
#[derive(Clone, Debug)]
pub struct AccountKey {
    scopes: Vec<Scope>,
    is_limited: bool,
}

/// See [`Auth::session_or_key`].
#[derive(Clone, Debug)]
pub struct SessionOrKey {
    scopes: Vec<Scope>,
    is_limited: bool,
}

/// See [`Auth::session`].
#[derive(Clone, Copy, Debug)]
pub struct Session;

/// See [`Auth::session_in_body`].
#[derive(Clone, Copy, Debug)]
pub struct SessionInBody;

/// See [`Auth::session_or_public`].
#[derive(Clone, Copy, Debug)]
pub struct SessionOrPublic;

/// See [`Auth::public`].
#[derive(Clone, Copy, Debug)]
pub struct Public;

macro_rules! scoped {
    ($($name:ident),+) => { $(
        impl $name {
            /// Requires this scope.
            pub fn scope(mut self, scope: Scope) -> Self {
                self.scopes = vec![scope];
                self
            }

            /// Requires one of these scopes.
            pub fn one_of(mut self, scopes: &[Scope]) -> Self {
                self.scopes = scopes.to_vec();
                self
            }

            /// Takes keys with limits too: the handler asks [`Caller::permits`] about what it touches. Without this,
            /// a key that does not reach its whole environment is refused.
            pub fn limited(mut self) -> Self {
                self.is_limited = true;
                self
            }
        }
    )+ };
}

scoped!(Key, AccountKey, SessionOrKey);

impl Key {
    /// Authenticates, counts, and checks the scopes.
    pub async fn check(self, head: &Head) -> ApiResult<Caller> {
        let holder = key::resolve(head).await?;
        count_key(head, &holder)?;
        let caller = environment_caller(holder, &self.scopes, head.app.now())?;
        if !self.is_limited {
            if self.scopes.iter().any(|scope| scope.shows_secrets()) {
                caller.permits(Act::Secrets)?;
            }
            caller.reach.covers_environment()?;
        }
        Ok(caller)
    }
}

impl AccountKey {
    /// Authenticates, counts, and checks the scopes.
    pub async fn check(self, head: &Head) -> ApiResult<AccountCaller> {
        let holder = key::resolve(head).await?;
        count_key(head, &holder)?;
        refusal::require(&holder.scopes, &self.scopes)?;
        let reach = Reach::new(holder.limits.map(|(_, limits)| limits), false, head.app.now());
        if !self.is_limited {
            reach.covers_environment()?;
        }
        Ok(AccountCaller { scopes: holder.scopes, reach, actor: holder.actor })
    }
}

impl SessionOrKey {
    /// Authenticates, counts, and checks the scopes. A session holds `environment:integrations:list` alone.
    pub async fn check(self, head: &Head) -> ApiResult<Caller> {
        let token = token::from_header(&head.headers).map_err(|code| refusal::unauthenticated(head, code))?;
        if !session::looks_like_one(&token) {
            return Key { scopes: self.scopes, is_limited: self.is_limited }.check(head).await;
        }
        let caller = session::resolve(head, &token).await?;
        count(head, Bucket::Global)?;
        let scopes = dovetail_model::Scopes::new([Scope::INTEGRATIONS_LIST]);
        refusal::require(&scopes, &self.scopes)?;
        Ok(Caller {
            environment: caller.environment,
            scopes: Arc::new(scopes),
            reach: Reach::default(),
            session: Some(caller.session),
            actor: caller.actor,
        })
    }
}

impl Session {
    /// Authenticates and counts.
    pub async fn check(self, head: &Head) -> ApiResult<SessionCaller> {
        let token = token::from_header(&head.headers).map_err(|code| refusal::unauthenticated(head, code))?;
        let caller = session::resolve(head, &token).await?;
        count(head, Bucket::Global)?;
        Ok(caller)
    }
}

impl SessionInBody {
    /// Authenticates and counts.
    pub async fn check(self, call: &Call) -> ApiResult<SessionCaller> {
        let token =
            call.json().and_then(|body| body.get("token")?.as_str()).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| refusal::unauthenticated(call, ErrorCode::MissingAuthHeader))?;
        let caller = session::resolve(call, &token.into()).await?;
        count(call, Bucket::Global)?;
        Ok(caller)
    }
}

impl SessionOrPublic {
    /// Authenticates and counts. The `Authorization` header is not read.
    pub async fn check(self, head: &Head) -> ApiResult<SessionCaller> {
        if let Some(token) = head.query_text("connect_session_token") {
            let caller = session::resolve(head, &token.into()).await?;
            count(head, Bucket::Global)?;
            return Ok(caller);
        }
        let code = match head.query_text("public_key") {
            None => ErrorCode::MissingPublicKey,
            Some(key) if dovetail_model::names::is_uuid_v4(key) => ErrorCode::DeprecatedAuthentication,
            Some(_) => ErrorCode::InvalidPublicKey,
        };
        Err(refusal::unauthenticated(head, code))
    }
}

impl Public {
    /// Counts by address.
    pub fn check(self, head: &Head) -> ApiResult<()> {
        count(head, Bucket::Address(head.client_ip))
    }
}

/// Any credentials at all: what somebody must hold before a large body is read. The handler authorises afterwards.
pub(crate) async fn require_any(head: &Head) -> ApiResult<()> {
    if let Some(token) = head.query_text("connect_session_token") {
        return session::resolve(head, &token.into()).await.map(|_| ());
    }
    let token = token::from_header(&head.headers).map_err(|code| refusal::unauthenticated(head, code))?;
    if session::looks_like_one(&token) {
        return session::resolve(head, &token).await.map(|_| ());
    }
    key::resolve(head).await.map(|_| ())
}

/// A key's holder as a caller of its environment. A key of the account has none.
fn environment_caller(holder: KeyHolder, required: &[Scope], at: Timestamp) -> ApiResult<Caller> {
    let Some(environment) = holder.environment else {
        return Err(if required.is_empty() {
            ApiError::new(ErrorCode::Forbidden).message("This key is not bound to an environment.")
        } else {
            refusal::insufficient(required)
        });
    };
    refusal::require(&holder.scopes, required)?;
    let reach = Reach::new(holder.limits.map(|(_, limits)| limits), environment.sealed_at.is_some(), at);
    Ok(Caller { environment, scopes: holder.scopes, reach, session: None, actor: holder.actor })
}
