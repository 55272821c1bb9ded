//! `POST …/check`: tries the stored credentials at the service, now.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use dovetail_connect::verify::Verdict;
use http::StatusCode;

use super::detail::{Check, Extra, load, render};
use crate::actions::check_connection::{Checked, check_connection};
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::visit::Visit;

/// Checks, and shows what the service said.
pub(crate) async fn check(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    _: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let checked = check_connection(visit.app(), visit.env(), visit.actor(), &connection).await?;
    let connection = load(&visit, &params).await?;
    let extra = Extra { check: Some(told(&checked)), ..Extra::default() };
    render(&visit, &connection, StatusCode::OK, extra).await
}

fn told(checked: &Checked) -> Check {
    let check = |tone, icon, title: String, text: &str| Check { tone, icon, title, text: text.to_owned() };
    let (provider, outcome) = match checked {
        Checked::Tested { provider, outcome } => (provider, outcome),
        Checked::NoDefinition => {
            return check(
                "warn",
                "warn",
                "The service has no definition any more".to_owned(),
                "Put its definition back into the overlay folder of this server.",
            );
        }
        Checked::NoIntegration => {
            return check(
                "warn",
                "warn",
                "The integration was deleted".to_owned(),
                "Its connections were deleted with it.",
            );
        }
    };
    match outcome {
        Ok(Verdict::Accepted { status }) => {
            check("good", "check", format!("{provider} answered {status}"), "The credentials work.")
        }
        Ok(Verdict::Untested) => check(
            "",
            "info",
            format!("{provider} has no check"),
            "Its definition names no request that tells whether credentials work. Make a call to find out.",
        ),
        Err(failure) if failure.reason.is_temporary() => {
            check("warn", "warn", failure.to_string(), "Nothing was changed. Check again in a minute.")
        }
        Err(failure) => check(
            "bad",
            "alert",
            failure.to_string(),
            "Send the end user a reconnect link, so that new credentials can be pasted.",
        ),
    }
}
