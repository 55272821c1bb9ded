//! For which provider a request is, and whether its credentials are good.

use dovetail_model::{AuthMode, Timestamp};
use serde_json::{Map, Value};

use crate::carrier::{self, Found};
use crate::directory::{Candidate, Directory, Entry, is_host_of};
use crate::received::Received;
use crate::site::Precision;
use crate::verification::is_verification;

/// What a request turned out to be.
#[derive(Debug)]
pub(crate) enum Recognised<'a> {
    /// The host belongs to no provider.
    Unknown,
    /// The provider's, but not with its demo credentials.
    Refused(&'a Entry),
    /// The provider's, with its demo credentials.
    Accepted {
        /// The provider.
        entry: &'a Entry,
        /// The connection config as far as the request tells it.
        connection_config: Map<String, Value>,
    },
}

impl<'a> Recognised<'a> {
    /// Looks at host, path, headers, query and body.
    pub(crate) fn of(directory: &'a Directory, request: &Received, now: Timestamp) -> Self {
        let host = match request.url.port() {
            Some(port) => format!("{}:{port}", request.host()),
            None => request.host().to_owned(),
        };
        let (mut owner, mut claimant): (Option<Claim<'_>>, Option<Claim<'_>>) = (None, None);
        let mut accepted = None;
        for candidate in directory.candidates(&host, request.url.path()) {
            // What has an owner by its domain is not somebody's own server, unless it is the example of one.
            if owner.is_some() && candidate.precision == Precision::Any && !is_demo_host(&candidate, &host) {
                continue;
            }
            let look = Look::at(&candidate, request, now);
            if look.is_accepted(&candidate) {
                // Of several providers with the same credentials at one host, the one that asks this to verify them.
                let verifies = is_verification(candidate.entry, &candidate.connection_config, request);
                let fit =
                    Self::Accepted { entry: candidate.entry, connection_config: candidate.connection_config };
                if verifies {
                    return fit;
                }
                accepted.get_or_insert(fit);
                continue;
            }
            let claimant = if candidate.precision == Precision::Any { &mut claimant } else { &mut owner };
            // Of several providers at one host, the refusal is that of the one whose credentials were tried.
            let better = claimant.as_ref().is_none_or(|known| look.some_present && !known.by_credentials);
            if better && look.claims(&candidate, &host) {
                *claimant = Some(Claim { entry: candidate.entry, by_credentials: look.some_present });
            }
        }
        accepted
            .unwrap_or_else(|| owner.or(claimant).map_or(Self::Unknown, |claim| Self::Refused(claim.entry)))
    }
}

/// A provider that would refuse the request.
struct Claim<'a> {
    entry: &'a Entry,
    /// Something stands where its credentials do.
    by_credentials: bool,
}

/// What the carriers of one candidate hold.
struct Look {
    all_right: bool,
    some_present: bool,
}

impl Look {
    fn at(candidate: &Candidate<'_>, request: &Received, now: Timestamp) -> Self {
        let mut look = Self { all_right: candidate.path_is_right, some_present: false };
        for carrier in &candidate.entry.carriers {
            let found = carrier::inspect(carrier, request, candidate, now);
            look.all_right &= found == Found::Right;
            look.some_present |= found != Found::Nothing;
        }
        look
    }

    fn is_accepted(&self, candidate: &Candidate<'_>) -> bool {
        let open = candidate.entry.carriers.is_empty();
        // A provider that shows no credentials in its requests owns only hosts that are its own.
        self.all_right && (!open || candidate.precision != Precision::Any)
    }

    /// Whether the provider owns a request that it refuses. A customer's own server is known only by a sign of the
    /// provider.
    fn claims(&self, candidate: &Candidate<'_>, host: &str) -> bool {
        if candidate.precision != Precision::Any {
            return true;
        }
        let entry = candidate.entry;
        is_demo_host(candidate, host) || (self.some_present && entry.provider.auth_mode() != AuthMode::None)
    }
}

fn is_demo_host(candidate: &Candidate<'_>, host: &str) -> bool {
    candidate
        .entry
        .demo
        .connection_config
        .values()
        .filter_map(Value::as_str)
        .any(|value| is_host_of(value, host))
}
