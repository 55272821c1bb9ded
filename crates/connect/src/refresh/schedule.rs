//! From a connection to the times that the policy calculates with.

use std::time::Duration;

use dovetail_catalog::Provider;
use dovetail_model::{ConnectionInfo, Credentials, Random, RefreshState, Timestamp};
use dovetail_store::connections::RefreshPlan;
use serde_json::Value;

use super::policy::{Lifetime, Prospects, plan};
use crate::renew::is_renewable;

/// Keys under which services say how long the refresh token lives, in seconds.
const REFRESH_LIFE_KEYS: [&str; 3] =
    ["refresh_token_expires_in", "refresh_expires_in", "x_refresh_token_expires_in"];

/// Whether a reader can be given the credentials as they are, without a look at anything else: the path of every read.
pub fn is_fresh(info: &ConnectionInfo, now: Timestamp) -> bool {
    info.refresh == RefreshState::Healthy
        && info.refresh_at.is_none_or(|at| now < at)
        && info.credentials_expire_at.is_none_or(|at| now < at)
}

/// How long the credentials of a connection live.
pub(super) fn lifetime(info: &ConnectionInfo, provider: Option<&Provider>) -> Lifetime {
    Lifetime {
        issued_at: info.credentials_issued_at,
        expires_at: info.credentials_expire_at,
        buffer: provider.and_then(|provider| provider.token_expiration_buffer).map(Duration::from_secs),
    }
}

/// When credentials that are received now are renewed next without being asked for.
pub fn plan_for(
    provider: Option<&Provider>,
    credentials: &Credentials,
    now: Timestamp,
    learned_life: Option<Duration>,
    random: &dyn Random,
) -> RefreshPlan {
    if !is_renewable(credentials) {
        return RefreshPlan::default();
    }
    let life = Lifetime {
        issued_at: Some(now),
        expires_at: credentials.expires_at(),
        buffer: provider.and_then(|provider| provider.token_expiration_buffer).map(Duration::from_secs),
    };
    let learned_life = learned_life.filter(|_| life.expires_at.is_none());
    let prospects = Prospects {
        refresh_token_life: refresh_token_life(credentials),
        ages: has_refresh_token(credentials),
        learned_life,
    };
    RefreshPlan { at: plan(&life, &prospects, chance(random)), learned_life }
}

/// From 0 to 1000.
pub(super) fn chance(random: &dyn Random) -> u16 {
    let mut bytes = [0; 2];
    random.fill(&mut bytes);
    u16::from_be_bytes(bytes) % 1001
}

fn has_refresh_token(credentials: &Credentials) -> bool {
    match credentials {
        Credentials::Oauth2(tokens) => tokens.refresh_token.is_some(),
        Credentials::TwoStep(tokens) => tokens.refresh_token.is_some(),
        _ => false,
    }
}

fn refresh_token_life(credentials: &Credentials) -> Option<Duration> {
    let Credentials::Oauth2(tokens) = credentials else { return None };
    let raw = tokens.raw.expose();
    let seconds = REFRESH_LIFE_KEYS.iter().find_map(|key| {
        let value = raw.get(key)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    })?;
    (seconds > 0)
        .then(|| Duration::from_secs(seconds))
        .filter(|_| raw.get("refresh_token") != Some(&Value::Null))
}
