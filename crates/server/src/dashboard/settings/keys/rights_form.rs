//! What a key may do, as a form shows and reads it: its scopes and its limits.

use dovetail_model::{KeyLimits, Scope, Scopes, Timestamp};

use super::limits_form::LimitsForm;
use crate::actions::api_keys::Rights;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::settings::scope_groups::{GROUPS, offered};
use crate::dashboard::visit::Visit;

/// A scope that can be ticked.
#[derive(Debug)]
pub(super) struct ScopeChoice {
    pub(super) value: &'static str,
    pub(super) short: &'static str,
    pub(super) label: &'static str,
    pub(super) chosen: bool,
}

/// Scopes about one thing.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) label: &'static str,
    pub(super) scopes: Vec<ScopeChoice>,
}

/// What stands in the form.
#[derive(Debug)]
pub(super) struct RightsForm {
    pub(super) full: bool,
    pub(super) groups: Vec<Group>,
    pub(super) limits: LimitsForm,
    chosen: Vec<Scope>,
}

impl RightsForm {
    /// The form of a key with these rights.
    pub(super) async fn of(visit: &Visit, scopes: &Scopes, limits: &KeyLimits) -> Result<Self, PageError> {
        let full = scopes.allows(Scope::ENVIRONMENT);
        Ok(Self::new(full, scopes.iter().collect(), LimitsForm::of(visit, limits).await?))
    }

    /// The form as it was sent. Scopes that it does not offer are kept by nobody.
    pub(super) async fn sent(visit: &Visit, fields: &Fields) -> Result<Self, PageError> {
        let chosen = fields.all("scope").filter_map(offered).collect();
        Ok(Self::new(fields.get("access") != "chosen", chosen, LimitsForm::sent(visit, fields).await?))
    }

    fn new(full: bool, chosen: Vec<Scope>, limits: LimitsForm) -> Self {
        let choice = |(scope, label): &(Scope, &'static str)| ScopeChoice {
            value: scope.as_str(),
            short: scope.as_str().trim_start_matches("environment:"),
            label,
            chosen: chosen.iter().any(|chosen| chosen.covers(*scope)) && !full,
        };
        let groups = GROUPS
            .iter()
            .map(|group| Group { label: group.label, scopes: group.scopes.iter().map(choice).collect() })
            .collect();
        Self { full, groups, limits, chosen }
    }

    /// The rights that it asks for; or what is wrong with it as a whole. What is wrong with a field stands there.
    pub(super) fn read(&self, now: Timestamp, errors: &mut FieldErrors) -> Result<Rights, String> {
        let limits = self.limits.read(now, errors);
        if self.full {
            return Ok(Rights { scopes: Scopes::full_environment(), limits });
        }
        if self.chosen.is_empty() {
            return Err("Choose at least one thing the key may do.".to_owned());
        }
        Ok(Rights { scopes: Scopes::new(self.chosen.iter().copied()), limits })
    }
}
