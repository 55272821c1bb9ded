//! The names of the routines, and running the one that a definition names.

use dovetail_model::Credentials;
use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::time::timeout;

use super::*;
use crate::ask::{Asking, Exchange};
use crate::limits::ROUTINE_TOTAL;
use crate::obtain::Party;
use crate::routines::language::Table;
use crate::routines::run::Run;
use crate::routines::{Changes, RoutineError};

/// What a routine found out.
#[derive(Debug)]
pub struct Setup {
    /// What is to be changed, also when the routine did not get to its end.
    pub changes: Changes,
    /// Why it did not.
    pub problem: Option<RoutineError>,
    /// Its requests, for the activity log.
    pub exchanges: Vec<Exchange>,
}

enum Routine {
    Table(&'static Table),
    Code(for<'x> fn(&'x mut Run<'_, '_>) -> BoxFuture<'x, Result<(), RoutineError>>),
}

/// Runs the routine that the definition names, within [`ROUTINE_TOTAL`]. `None` when it names none, or one that does
/// not exist: an overlay may have a word that another version knows.
pub async fn after_link(party: Party<'_>, credentials: &Credentials) -> Option<Setup> {
    let name = party.provider.post_connection()?;
    let Some(routine) = named(name) else {
        tracing::warn!(provider = party.provider.id(), script = name, "there is no such routine");
        return None;
    };
    Some(carry_out(party, credentials, routine).await)
}

/// Runs the definition's routine again after its credentials were renewed, if it is one that gets a second token:
/// that one has to be renewed with the first (auth-modes.md 21.3).
pub(crate) async fn renew_second_token(party: Party<'_>, credentials: &Credentials) -> Option<Setup> {
    let name = party.provider.post_connection()?.strip_suffix("PostConnection")?;
    if !matches!(name, "onedrive" | "microsoftTeamsBot") {
        return None;
    }
    let routine = named(party.provider.post_connection()?)?;
    Some(carry_out(party, credentials, routine).await)
}

async fn carry_out(party: Party<'_>, credentials: &Credentials, routine: Routine) -> Setup {
    let mut asking = Asking::new(party.egress, party.provider, credentials, party.connection_config);
    let mut run = Run::new(party, credentials, &mut asking);
    let ended = timeout(ROUTINE_TOTAL, async {
        match routine {
            Routine::Table(table) => run.follow(table).await,
            Routine::Code(code) => code(&mut run).await,
        }
    })
    .await;
    let problem = ended.unwrap_or(Err(RoutineError::Late)).err();
    let changes = std::mem::take(&mut run.changes);
    Setup { changes, problem, exchanges: asking.exchanges }
}

/// The routine of a name. The misspelt one is the reference's.
fn named(name: &str) -> Option<Routine> {
    use Routine::{Code, Table};
    Some(match name.strip_suffix("PostConnection")? {
        "adobeUmapi" => Table(&adobe_umapi::TABLE),
        "atlassianGovernmentCloud" => Code(|run| atlassian::government(run).boxed()),
        "atlassianServicAccount" | "atlassianServiceAccount" => {
            Code(|run| atlassian::service_account(run).boxed())
        }
        "attio" => Table(&attio::TABLE),
        "basecamp" => Code(|run| basecamp::run(run).boxed()),
        "bullhorn" => Table(&bullhorn::TABLE),
        "calendly" => Table(&calendly::TABLE),
        "candis" => Table(&candis::TABLE),
        "checkrPartner" => Table(&checkr_partner::TABLE),
        "docusign" => Table(&docusign::TABLE),
        "githubAppOauth" => Code(|run| github_app_oauth::run(run).boxed()),
        "googleCalendar" => Table(&google_calendar::TABLE),
        "googleMail" => Table(&google_mail::TABLE),
        "gusto" => Table(&gusto::TABLE),
        "highlevel" => Table(&highlevel::TABLE),
        "hubspot" => Table(&hubspot::TABLE),
        "jira" => Code(|run| atlassian::jira(run).boxed()),
        "jobber" => Table(&jobber::TABLE),
        "linear" => Table(&linear::TABLE),
        "mailchimp" => Table(&mailchimp::TABLE),
        "microsoftTeams" => Table(&microsoft_teams::TABLE),
        "microsoftTeamsBot" => Code(|run| microsoft_teams_bot::run(run).boxed()),
        "onedrive" => Code(|run| onedrive::run(run).boxed()),
        "procore" => Table(&procore::TABLE),
        "ripplingShopApp" => Table(&rippling_shop_app::TABLE),
        "sage200" => Table(&sage_200::TABLE),
        "salesforce" => Table(&salesforce::TABLE),
        "sellsy" => Table(&sellsy::TABLE),
        "sentryOauth" => Table(&sentry_oauth::TABLE),
        "snowflake" => Table(&snowflake::TABLE),
        "sophosCentral" => Table(&sophos_central::TABLE),
        "workable" => Table(&workable::TABLE),
        "xero" => Code(|run| xero::run(run).boxed()),
        "zoho" => Table(&zoho::TABLE),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use dovetail_catalog::CatalogHandle;

    use super::*;

    #[test]
    fn every_routine_that_the_catalogue_names_exists() {
        let catalog = CatalogHandle::embedded().current();
        let mut names = 0;
        for provider in catalog.providers() {
            if let Some(name) = provider.post_connection() {
                assert!(named(name).is_some(), "{}: {name}", provider.id());
                names += 1;
            }
            if let Some(name) = provider.credentials_verification() {
                assert!(crate::routines::checks::named(name).is_some(), "{}: {name}", provider.id());
                names += 1;
            }
            if let Some(name) = provider.pre_connection_creation() {
                assert!(crate::routines::installations::is_known(name), "{}: {name}", provider.id());
            }
        }
        assert!(names >= 60, "{names}");
    }
}
