//! From a connection to the times that the policy calculates with.

use std::time::Duration;

use dovetail_catalog::Provider;
use dovetail_model::{ConnectionInfo, Credentials, Random, RefreshState, Timestamp};
use dovetail_store::connections::RefreshPlan;
use serde_json::{Map, Value};

use super::policy::{Lifetime, Prospects, plan};
use crate::limits::REFRESH_MARGIN_LEAST;
use crate::renew::is_renewable;
use crate::routines::after_link::{BOT_TOKEN, SHAREPOINT_TOKEN};

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
    if !is_renewable(provider, credentials) {
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

/// The plan, moved forward to where the second token in a configuration wants to be renewed: it is renewed with the
/// first (auth-modes.md 21.2). `config` was found out for credentials that were received now.
pub fn plan_with_company(plan: RefreshPlan, config: &Map<String, Value>, now: Timestamp) -> RefreshPlan {
    let Some(end) = second_token_end(config, Some(now)).filter(|_| plan.at.is_some()) else { return plan };
    let life = Lifetime { issued_at: Some(now), expires_at: Some(end), buffer: None };
    let at = end.minus(life.margin());
    RefreshPlan { at: plan.at.map(|first| first.min(at)), ..plan }
}

/// When the second token in a configuration ends. One that was about to end when the first was renewed could not be
/// renewed with it, and asking at every read would not help.
pub(super) fn second_token_end(
    config: &Map<String, Value>,
    renewed_at: Option<Timestamp>,
) -> Option<Timestamp> {
    let end = |key: &str| config.get(key)?.get("expires_at")?.as_i64().map(Timestamp);
    let ends = [SHAREPOINT_TOKEN, BOT_TOKEN].into_iter().filter_map(end);
    ends.filter(|end| renewed_at.is_none_or(|at| *end > at.plus(REFRESH_MARGIN_LEAST))).min()
}

/// From 0 to 1000.
pub(crate) fn chance(random: &dyn Random) -> u16 {
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
