//! Connections: linked accounts with sealed credentials.

mod change;
mod credentials;
mod due;
mod filter;
mod idle;
mod lookup;
mod refresh;
mod row;
mod sealed;
mod upsert;

pub use change::{MetadataChange, delete, set_metadata, set_tags, set_webhook_url, update_end_user};
pub use credentials::{Swap, amend_config, replace_config, replace_credentials, set_state};
pub use due::{Due, any_due, claim_due};
pub use filter::{Filter, Page, count, list};
pub use idle::{IdleDue, any_check_due, claim_checks, plan_check};
pub use lookup::{Found, by_config, by_key, by_row, find, open, page_of};
pub use refresh::{
    Failed, NewLease, RefreshPlan, StandingLease, lease_refresh, record_refresh_failure, release_refresh,
    set_auth_error, set_refresh_plan,
};
pub use sealed::SealedConnection;
pub use upsert::{ConfigUpdate, TagsUpdate, Upsert, UpsertKind, Upserted, upsert};

pub(crate) const TABLE: &str = "connections";
