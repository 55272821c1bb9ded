//! One row, changed by the same conditions as the statements of the store.

use dovetail_connect::refresh::machine::{Event, RowFacts, SeenLease};
use dovetail_connect::refresh::policy::Lifetime;
use dovetail_model::{RefreshState, Timestamp};

use super::provider::Pair;

/// A call of the database.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call {
    Read,
    Lease { version: i64, over: Option<i64> },
    Store { version: i64, pair: Pair, life: u64, wall: Timestamp },
    Record { version: i64, token: i64, state: RefreshState, keep: bool },
    Release { token: i64 },
}

/// Whether a lease stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lease {
    Free,
    Of(u64),
    /// Left standing on purpose.
    Left,
}

/// The row of the connection.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) deleted: bool,
    pub(super) version: i64,
    pub(super) pair: Pair,
    life: Lifetime,
    pub(super) health: RefreshState,
    lease_token: i64,
    lease: Lease,
    /// Every pair that was ever durable, by version.
    pub(super) history: Vec<(i64, Pair)>,
    /// Whether the current version came from the end user.
    pub(super) linked: bool,
}

impl Row {
    pub(super) fn new(pair: Pair, life: u64, wall: Timestamp) -> Self {
        let mut row = Self {
            deleted: false,
            version: 0,
            pair,
            life: Lifetime::default(),
            health: RefreshState::Healthy,
            lease_token: 0,
            lease: Lease::Free,
            history: Vec::new(),
            linked: true,
        };
        row.link(pair, life, wall);
        row
    }

    /// The end user links the account (again): no compare-and-swap, and the lease is left alone.
    pub(super) fn link(&mut self, pair: Pair, life: u64, wall: Timestamp) {
        self.replace(pair, life, wall);
        self.linked = true;
    }

    fn replace(&mut self, pair: Pair, life: u64, wall: Timestamp) {
        self.version += 1;
        self.pair = pair;
        let span = std::time::Duration::from_millis(life);
        self.life = Lifetime { issued_at: Some(wall), expires_at: Some(wall.plus(span)), buffer: None };
        self.health = RefreshState::Healthy;
        self.history.push((self.version, pair));
        self.linked = false;
    }

    /// Carries a call out for a flight, and gives its answer.
    pub(super) fn apply(&mut self, flight: u64, call: Call) -> Event {
        match call {
            Call::Read if self.deleted => Event::Gone,
            Call::Read => Event::Row(RowFacts {
                version: self.version,
                renewable: true,
                life: self.life,
                health: self.health,
                lease: (self.lease != Lease::Free)
                    .then(|| SeenLease { token: self.lease_token, mine: self.lease == Lease::Of(flight) }),
            }),
            Call::Lease { version, over } => {
                let free = self.lease == Lease::Free || over == Some(self.lease_token);
                if self.deleted || version != self.version || !free {
                    return Event::NotLeased;
                }
                self.lease_token += 1;
                self.lease = Lease::Of(flight);
                Event::Leased { token: self.lease_token }
            }
            Call::Store { version, pair, life, wall } => {
                if self.deleted || version != self.version {
                    return Event::NotStored;
                }
                self.replace(pair, life, wall);
                self.lease = Lease::Free;
                Event::Stored { version: self.version }
            }
            Call::Record { version, token, state, keep } => {
                let held = matches!(self.lease, Lease::Of(_)) && token == self.lease_token;
                if self.deleted || version != self.version || !held {
                    return Event::NotRecorded;
                }
                self.health = state;
                self.lease = if keep { Lease::Left } else { Lease::Free };
                Event::Recorded
            }
            Call::Release { token } => {
                if token == self.lease_token {
                    self.lease = Lease::Free;
                }
                Event::Released
            }
        }
    }
}
