//! Asking a service whether a plug-in was installed where a callback says (auth-modes.md section 11). A definition names
//! the routine in `pre_connection_creation_script`; without one its plug-ins cannot be linked.

mod crisp;

use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::time::timeout;

use dovetail_model::Credentials;

use super::RoutineError;
use super::run::Run;
use crate::ask::Asking;
use crate::flow::{Arrival, FlowError, FlowErrorKind};
use crate::limits::ROUTINE_TOTAL;
use crate::obtain::Party;
use crate::verify::Reason;

/// What a routine found out: whether the installation is this attempt's.
type Found = Result<bool, RoutineError>;

type Routine = for<'x> fn(&'x mut Run<'_, '_>, &'x Arrival<'_>) -> BoxFuture<'x, Found>;

/// The routine of a name.
fn named(name: &str) -> Option<Routine> {
    Some(match name.strip_suffix("PreConnectionCreation")? {
        "crispPluginInstall" => |run, arrival| crisp::run(run, arrival).boxed(),
        _ => return None,
    })
}

/// Whether there is a routine of this name.
#[cfg(test)]
pub(crate) fn is_known(name: &str) -> bool {
    named(name).is_some()
}

/// Fails unless the service confirms the installation.
pub(crate) async fn confirm(
    party: Party<'_>,
    credentials: &Credentials,
    arrival: &Arrival<'_>,
) -> Result<(), FlowError> {
    let name = &party.provider.display_name;
    let Some(routine) = party.provider.pre_connection_creation().and_then(named) else {
        let message = format!("The definition of {name} does not say how an installation is confirmed.");
        return Err(FlowError::new(FlowErrorKind::Integration, message));
    };
    let mut asking = Asking::new(party.egress, party.provider, credentials, party.connection_config);
    let mut run = Run::new(party, credentials, &mut asking);
    let found = timeout(ROUTINE_TOTAL, routine(&mut run, arrival)).await;
    match found.unwrap_or(Err(RoutineError::Late)) {
        Ok(true) => Ok(()),
        Ok(false) => Err(not_theirs()),
        Err(error) => Err(failure(name, &error)),
    }
}

fn not_theirs() -> FlowError {
    let message = "The plug-in was not installed by the attempt that came back with it. Start again, and install it \
                   when you are asked; where it is installed already, remove it first.";
    FlowError::new(FlowErrorKind::State, message)
}

fn failure(name: &str, error: &RoutineError) -> FlowError {
    let refused = |status: &u16| Reason::of_status(*status).is_some_and(|reason| !reason.is_temporary());
    match error {
        RoutineError::Refused { status: status @ (401 | 403), .. } => FlowError::new(
            FlowErrorKind::Test,
            format!("{name} does not accept the plug-in's user name and password (HTTP {status})."),
        ),
        RoutineError::Refused { status: 404, .. } => not_theirs(),
        RoutineError::Refused { status, .. } if refused(status) => FlowError::new(
            FlowErrorKind::Exchange,
            format!("{name} did not confirm the installation. {error}"),
        ),
        RoutineError::Refused { .. } | RoutineError::NoAnswer(_) | RoutineError::Late => FlowError::new(
            FlowErrorKind::Exchange,
            format!("{name} could not be asked about the installation. {error} Try again."),
        ),
        RoutineError::Unbuildable(_) | RoutineError::Missing(_) | RoutineError::Obtain(_) => FlowError::new(
            FlowErrorKind::Exchange,
            format!("{name} did not confirm the installation. {error}"),
        ),
    }
}
