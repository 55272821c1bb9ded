//! How far a caller reaches: the limits of its key and the seal of its environment. Every route asks here, and
//! `dovetail_model::KeyLimits::permits` alone says what a limit means.

use std::sync::Arc;

use dovetail_model::{Act, ConnectionInfo, KeyLimits, Refusal, Tags, Timestamp};

use crate::wire::{ApiError, ApiResult, ErrorCode};

/// See the module. The default reaches everything.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    limits: Option<Arc<KeyLimits>>,
    is_sealed: bool,
    at: Timestamp,
}

impl Reach {
    /// Of a key with these limits, in an environment that is sealed or not, at this moment.
    pub(super) fn new(limits: Option<Arc<KeyLimits>>, is_sealed: bool, at: Timestamp) -> Self {
        Self { limits, is_sealed, at }
    }

    /// Whether nothing is limited: the way of most calls.
    pub fn is_unlimited(&self) -> bool {
        self.limits.is_none() && !self.is_sealed
    }

    /// The key's limits, when it has any.
    pub fn limits(&self) -> Option<&Arc<KeyLimits>> {
        self.limits.as_ref()
    }

    /// Whether `act` is permitted.
    ///
    /// Errors: `key_limited`, `environment_sealed`, each with a sentence.
    pub fn permits(&self, act: Act<'_>) -> ApiResult<()> {
        if let Some(limits) = &self.limits {
            limits.permits(self.at, act).map_err(|refusal| limited(&refusal))?;
        }
        if self.is_sealed {
            KeyLimits::SEALED.permits(self.at, act).map_err(sealed)?;
        }
        Ok(())
    }

    /// Whether the key reaches all of its environment: what a route asks that knows nothing of limits.
    ///
    /// Errors: `key_limited`.
    pub fn covers_environment(&self) -> ApiResult<()> {
        match &self.limits {
            Some(limits) => limits.permits(self.at, Act::Environment).map_err(|refusal| limited(&refusal)),
            None => Ok(()),
        }
    }

    /// Whether it reaches a connection. To the caller, those that it does not reach are not there.
    pub fn has(&self, info: &ConnectionInfo) -> bool {
        let act = Act::Connection { integration: &info.provider_config_key, tags: &info.tags };
        self.permits(act).is_ok()
    }

    /// The tags of a connection that the caller makes or changes: with those that its key needs to reach it.
    ///
    /// Errors: `key_limited` when another value is given for one of them; `too_many` when there is no room.
    pub fn stamped(&self, tags: Tags, too_many: impl FnOnce() -> ApiError) -> ApiResult<Tags> {
        let Some(limits) = self.limits.as_ref().filter(|limits| !limits.tags.is_empty()) else {
            return Ok(tags);
        };
        let differs = |(key, value)| tags.get(key).is_some_and(|given| given != value);
        if limits.tags.iter().any(differs) {
            return Err(limited(&Refusal::Tags(limits.tags.to_string())));
        }
        tags.overlaid(&limits.tags).map_err(|_| too_many())
    }

    /// The integrations that a connect session of the caller may link: those asked for, each of which it must reach;
    /// all that it reaches when none is asked for.
    ///
    /// Errors: `key_limited`.
    pub fn linkable(&self, asked: Option<Vec<String>>) -> ApiResult<Option<Vec<String>>> {
        let asked = asked.filter(|keys| !keys.is_empty());
        for key in asked.iter().flatten() {
            self.permits(Act::Integration { key })?;
        }
        let all = || self.limits.as_ref()?.integrations.as_ref().map(|keys| keys.iter().cloned().collect());
        Ok(asked.or_else(all))
    }
}

/// The 403 for an act outside of a key's limits.
fn limited(refusal: &Refusal) -> ApiError {
    ApiError::new(ErrorCode::KeyLimited).message(refusal.to_string())
}

/// The 403 for an act that the seal forbids.
fn sealed(refusal: Refusal) -> ApiError {
    let error = ApiError::new(ErrorCode::EnvironmentSealed);
    match refusal {
        Refusal::Secrets => error,
        _ => error.message(
            "This environment is sealed: nothing may be done by which credentials could leave it. An owner can unseal it in the dashboard.",
        ),
    }
}
