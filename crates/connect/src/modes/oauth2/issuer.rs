//! Whose answer a callback is (RFC 9207): an `iss` that names somebody else ends the flow.

use url::Url;

use crate::flow::{Arrival, FlowError, FlowErrorKind};

/// Checks `iss` where the callback brings one, and that it does where its issuer announced it.
pub(crate) fn check(arrival: &Arrival<'_>) -> Result<(), FlowError> {
    let progress = arrival.progress;
    let stranger = || {
        let provider = &arrival.party.provider.display_name;
        let message = format!("This answer was not issued by {provider}. Nothing was linked.");
        Err(FlowError::new(FlowErrorKind::State, message))
    };
    match (arrival.param("iss"), &progress.issuer) {
        (Some(given), Some(known)) if given == known => Ok(()),
        (Some(_), Some(_)) => stranger(),
        (None, Some(_)) if progress.sends_issuer => stranger(),
        (None, _) => Ok(()),
        // Definitions name no issuer: it has to be at home where the browser was sent.
        (Some(given), None) => {
            if is_home(given, arrival) {
                Ok(())
            } else {
                stranger()
            }
        }
    }
}

/// Whether the issuer's host is that of the authorization URL, or one of the two lies below the other.
fn is_home(issuer: &str, arrival: &Arrival<'_>) -> bool {
    let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    let sent_to = arrival.progress.more.get(super::SENT_TO).and_then(serde_json::Value::as_str);
    match (host(issuer), sent_to) {
        (Some(issuer), Some(home)) => {
            issuer == home || issuer.ends_with(&format!(".{home}")) || home.ends_with(&format!(".{issuer}"))
        }
        _ => false,
    }
}
