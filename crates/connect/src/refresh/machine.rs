//! One flight: the attempt of one process to have fresh credentials for one connection. Pure: events in, effects out.
//!
//! The rules that make it safe (`docs/refresh.md` has the diagram):
//!
//! 1. A token request is sent only by who holds the connection's lease, within [`ASK_BUDGET`] of a read that showed
//!    the lease free, and is not waited for longer than [`ASK_DEADLINE`].
//! 2. Nobody takes another's lease by looking at clocks: it counts as left behind only after it was *seen* standing
//!    still for [`LEASE_SPAN`], longer than rule 1 lets its holder wait for an answer.
//! 3. Credentials that were received are written, by compare-and-swap on the version they replace, until the
//!    database confirms it; nobody is given them before.
//! 4. A request of unknown outcome leaves the lease standing, so that nobody asks again while the provider may still
//!    be at it.

use std::time::Duration;

use dovetail_model::{RefreshFailure, RefreshProblem, RefreshState, Timestamp};

use super::policy::{Lifetime, after_failure, holds_back};
use crate::limits::{
    ASK_BUDGET, ASK_DEADLINE, LEASE_SPAN, STORE_RETRY_FIRST, STORE_RETRY_MOST, STORE_TRIES, WATCH_GAP,
    WATCH_POLL_FIRST, WATCH_POLL_MOST, WATCH_TOTAL,
};

/// Both clocks of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// What the world calls the time. It may jump.
    pub wall: Timestamp,
    /// Time since some beginning. It never goes back, and may stand still while the machine sleeps.
    pub steady: Duration,
}

impl Now {
    /// Time since `earlier` by the clock that went further.
    fn since(&self, earlier: &Self) -> Duration {
        self.steady.saturating_sub(earlier.steady).max(self.wall.since(earlier.wall))
    }
}

/// Why credentials are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be used: renewed only when due.
    IfDue,
    /// The plan says that it is time for those of this version.
    Planned {
        /// The version that was planned for.
        version: i64,
    },
    /// The provider answered 401 to those of this version.
    Refused {
        /// The version that was refused.
        version: i64,
    },
    /// Somebody asked for new ones, whatever the row says.
    Forced,
}

/// A lease as a row shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenLease {
    /// Counts leases of this connection.
    pub token: i64,
    /// Whether this flight took it.
    pub mine: bool,
}

/// What a flight needs to know of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowFacts {
    /// Counts replacements of the credentials.
    pub version: i64,
    /// Whether new ones can be had without the end user.
    pub renewable: bool,
    /// How long they live.
    pub life: Lifetime,
    /// Whether refreshing works.
    pub health: RefreshState,
    /// Who is at it.
    pub lease: Option<SeenLease>,
}

/// What the provider answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// New credentials, which are kept aside until [`Effect::Store`].
    Renewed,
    /// No, for good; `dead` when the grant itself is gone.
    Refused {
        /// Whether a new grant is needed.
        dead: bool,
    },
    /// Nothing, or "not now".
    Unavailable {
        /// When it asked to come back.
        retry_after: Option<Duration>,
        /// Whether the request may still be carried out.
        unknown: bool,
    },
    /// Yes, but without credentials.
    Unreadable,
    /// The request was never sent.
    Unbuildable,
}

/// What happened; each answers the last [`Effect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The flight begins.
    Begin,
    /// [`Effect::Read`] found the row.
    Row(RowFacts),
    /// [`Effect::Read`] found none: the connection was deleted.
    Gone,
    /// The lease is taken.
    Leased {
        /// Its number.
        token: i64,
    },
    /// [`Effect::Lease`] changed nothing: another was first.
    NotLeased,
    /// The provider's answer, or that there is none.
    Answered(Answer),
    /// The new credentials are durable.
    Stored {
        /// Their version.
        version: i64,
    },
    /// [`Effect::Store`] changed nothing: the version is another, or the connection is gone.
    NotStored,
    /// The failure is written down, and the lease ended or left standing with it.
    Recorded,
    /// [`Effect::Record`] changed nothing: version or lease are another.
    NotRecorded,
    /// The lease is given back, or was another's already.
    Released,
    /// The wait is over.
    Woke,
    /// The database failed, or did not answer in time: the last effect may have happened or not.
    Failed,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the row.
    Read,
    /// Take the lease of credentials of `version`: when it is free, or when it is still the one of number `over`.
    Lease {
        /// The version that is to be renewed.
        version: i64,
        /// A lease that was left behind.
        over: Option<i64>,
    },
    /// Ask the provider, and wait no longer than `deadline`.
    Ask {
        /// The bound of the whole exchange.
        deadline: Duration,
    },
    /// Replace credentials of `version` by the new ones, which ends the lease.
    Store {
        /// The version that is replaced.
        version: i64,
    },
    /// Write the failure down, if version and lease are still these.
    Record {
        /// The version that failed.
        version: i64,
        /// The lease held.
        token: i64,
        /// The state from now on.
        state: RefreshState,
        /// The state before: what is told depends on both.
        before: RefreshState,
        /// Whether the lease is left standing.
        keep: bool,
    },
    /// Give the lease back.
    Release {
        /// Its number.
        token: i64,
    },
    /// Wait.
    Wait(Duration),
    /// The flight has ended.
    End(Ending),
}

/// How a flight ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The row holds credentials of this version.
    Current {
        /// Their version.
        version: i64,
        /// Whether they came to be after the flight began.
        renewed: bool,
    },
    /// They are valid, and there is nothing to renew them with.
    Fixed,
    /// The connection is gone.
    Gone,
    /// They have expired and cannot be renewed.
    Expired,
    /// Nothing was asked: the last failure was not long ago.
    HeldBack(RefreshFailure),
    /// Nothing was asked: refreshing was given up.
    Exhausted(RefreshFailure),
    /// The provider was asked, and this came of it.
    Failed(RefreshState, RefreshProblem),
    /// Another holds the lease for too long.
    Busy,
    /// The database fails.
    NoStore,
}

impl Ending {
    /// Whether a wish that joined a flight of another wish has its answer, or needs a flight of its own.
    pub fn answers(&self, wish: Wish) -> bool {
        match (self, wish) {
            (Self::Current { renewed, .. }, Wish::Forced) => *renewed,
            (Self::Current { version, renewed }, Wish::Refused { version: refused }) => {
                *renewed || *version != refused
            }
            (Self::HeldBack(_) | Self::Exhausted(_), Wish::Forced) => false,
            _ => true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Begun,
    /// Reading to decide what to do.
    Deciding,
    Leasing,
    Asking,
    Storing,
    /// Reading again after the provider said that the grant is dead.
    Doubting(RefreshProblem),
    /// Reading again because the compare-and-swap found another version.
    Adopting,
    Recording,
    /// Reading again because the failure could not be written for the lease or version.
    Yielding,
    Releasing(Ending),
    /// Giving a lease back that came too late, to begin anew.
    Returning,
    /// Waiting before the effect.
    Paused(Next),
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Read,
    Store,
    Record,
    Again(ReadWhy),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadWhy {
    Doubting(RefreshProblem),
    Adopting,
    Yielding,
}

/// A lease of another, as it was watched.
#[derive(Clone, Copy, Debug)]
struct Watch {
    token: i64,
    since: Duration,
    last: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Recording {
    state: RefreshState,
    problem: RefreshProblem,
    keep: bool,
}

/// The state machine of one flight.
#[derive(Clone, Debug)]
pub struct Machine {
    wish: Wish,
    stage: Stage,
    /// When the last read was issued.
    read_at: Option<Now>,
    /// When the last read was issued that did not show the lease as this flight's: it was taken after that.
    free_at: Option<Now>,
    /// The version at the beginning.
    first: Option<i64>,
    row: Option<RowFacts>,
    held: Option<i64>,
    watch: Option<Watch>,
    watching_since: Option<Duration>,
    poll: Duration,
    tries: u32,
    retry: Duration,
    recording: Option<Recording>,
    /// Whether a dead grant was answered by newer credentials once.
    second_wind: bool,
}

impl Machine {
    /// A flight for a wish.
    pub fn new(wish: Wish) -> Self {
        Self {
            wish,
            stage: Stage::Begun,
            read_at: None,
            free_at: None,
            first: None,
            row: None,
            held: None,
            watch: None,
            watching_since: None,
            poll: WATCH_POLL_FIRST,
            tries: 0,
            retry: STORE_RETRY_FIRST,
            recording: None,
            second_wind: false,
        }
    }

    /// Whether new credentials were received that are not durable yet: the process must not end now.
    pub fn holds_new(&self) -> bool {
        matches!(self.stage, Stage::Storing | Stage::Paused(Next::Store))
    }

    /// Takes what happened and says what is to be done. Events that do not answer the last effect end the flight.
    pub fn step(&mut self, event: Event, now: Now) -> Effect {
        match (self.stage, event) {
            (Stage::Begun, Event::Begin) => self.read(Stage::Deciding, now),
            (Stage::Deciding, Event::Row(row)) => self.decide(row, now),
            (Stage::Deciding, Event::Gone) => self.end(Ending::Gone),
            (Stage::Deciding | Stage::Leasing, Event::Failed) => self.try_again(),
            (Stage::Leasing, Event::Leased { token }) => self.leased(token, now),
            (Stage::Leasing, Event::NotLeased) => self.pause(WATCH_POLL_FIRST, Next::Read),
            (Stage::Asking, Event::Answered(answer)) => self.answered(answer, now),
            (Stage::Storing, Event::Stored { version }) => {
                self.held = None;
                self.end(Ending::Current { version, renewed: true })
            }
            (Stage::Storing, Event::NotStored) => self.read(Stage::Adopting, now),
            (Stage::Storing, Event::Failed) => self.pause_longer(Next::Store),
            (Stage::Adopting, Event::Row(row)) => {
                self.end(Ending::Current { version: row.version, renewed: true })
            }
            (Stage::Adopting | Stage::Doubting(_) | Stage::Yielding, Event::Gone) => {
                self.held = None;
                self.end(Ending::Gone)
            }
            (Stage::Adopting, Event::Failed) => self.pause_longer(Next::Again(ReadWhy::Adopting)),
            (Stage::Doubting(problem), Event::Row(row)) => self.doubt(problem, row, now),
            (Stage::Doubting(problem), Event::Failed) => {
                self.tries_left(Next::Again(ReadWhy::Doubting(problem)))
            }
            (Stage::Recording, Event::Recorded) => {
                self.held = None;
                self.end_failed()
            }
            (Stage::Recording, Event::NotRecorded) => self.read(Stage::Yielding, now),
            (Stage::Recording, Event::Failed) => self.tries_left(Next::Record),
            (Stage::Yielding, Event::Row(row)) => self.give_way(row),
            (Stage::Yielding, Event::Failed) => self.tries_left(Next::Again(ReadWhy::Yielding)),
            (Stage::Releasing(ending), Event::Released | Event::Failed) => {
                // A lease that could not be given back is taken over when it was seen standing still.
                self.held = None;
                self.end(ending)
            }
            (Stage::Returning, Event::Released | Event::Failed) => {
                self.held = None;
                self.pause_longer(Next::Read)
            }
            (Stage::Paused(next), Event::Woke) => self.resume(next, now),
            _ => {
                self.stage = Stage::Ended;
                Effect::End(Ending::NoStore)
            }
        }
    }

    fn decide(&mut self, row: RowFacts, now: Now) -> Effect {
        self.tries = 0;
        self.retry = STORE_RETRY_FIRST;
        let first = *self.first.get_or_insert(row.version);
        self.row = Some(row);
        if let Some(SeenLease { token, mine: true }) = row.lease {
            // Taken by a call whose answer was lost; `free_at` is the time of an earlier read that showed it free.
            self.held = Some(token);
            return match self.without_asking(&row, first, now) {
                Some(ending) => self.end(ending),
                None => self.leased(token, now),
            };
        }
        self.free_at = self.read_at;
        if let Some(ending) = self.without_asking(&row, first, now) {
            return self.end(ending);
        }
        match row.lease {
            Some(lease) => self.watch(lease.token, row.version, now),
            None => {
                self.watch = None;
                self.lease(row.version, None)
            }
        }
    }

    /// How the flight ends when there is no reason to ask, or a reason not to.
    fn without_asking(&self, row: &RowFacts, first: i64, now: Now) -> Option<Ending> {
        let current = Ending::Current { version: row.version, renewed: row.version != first };
        let usable = row.life.is_usable(now.wall);
        if !row.renewable {
            return Some(if usable { Ending::Fixed } else { Ending::Expired });
        }
        match self.wish {
            Wish::Forced => return (row.version != first).then_some(current),
            Wish::Refused { version } | Wish::Planned { version } if row.version != version => {
                return Some(current);
            }
            Wish::IfDue if matches!(row.health, RefreshState::Exhausted { .. }) => {}
            Wish::IfDue if !row.life.is_due(now.wall) => return Some(current),
            Wish::IfDue | Wish::Refused { .. } | Wish::Planned { .. } => {}
        }
        match row.health {
            RefreshState::Exhausted { failure, .. } => Some(Ending::Exhausted(failure)),
            RefreshState::Failing(failure) if holds_back(&failure, now.wall) => {
                let enough = self.wish == Wish::IfDue && usable;
                Some(if enough { current } else { Ending::HeldBack(failure) })
            }
            RefreshState::Healthy | RefreshState::Failing(_) => None,
        }
    }

    fn watch(&mut self, token: i64, version: i64, now: Now) -> Effect {
        let began = *self.watching_since.get_or_insert(now.steady);
        let seen = match self.watch {
            Some(watch) if watch.token == token && now.steady.saturating_sub(watch.last) <= WATCH_GAP => {
                Watch { last: now.steady, ..watch }
            }
            _ => Watch { token, since: now.steady, last: now.steady },
        };
        self.watch = Some(seen);
        if now.steady.saturating_sub(seen.since) >= LEASE_SPAN {
            return self.lease(version, Some(token));
        }
        if now.steady.saturating_sub(began) >= WATCH_TOTAL {
            return self.end(Ending::Busy);
        }
        let wait = self.poll;
        self.poll = (self.poll * 2).min(WATCH_POLL_MOST);
        self.pause(wait, Next::Read)
    }

    fn lease(&mut self, version: i64, over: Option<i64>) -> Effect {
        self.stage = Stage::Leasing;
        Effect::Lease { version, over }
    }

    fn leased(&mut self, token: i64, now: Now) -> Effect {
        self.held = Some(token);
        self.watch = None;
        // A clock that was set back meanwhile cannot tell how long it took.
        let late = self.free_at.is_none_or(|free| now.since(&free) > ASK_BUDGET || now.wall < free.wall);
        if late {
            self.stage = Stage::Returning;
            return Effect::Release { token };
        }
        self.stage = Stage::Asking;
        Effect::Ask { deadline: ASK_DEADLINE }
    }

    fn answered(&mut self, answer: Answer, now: Now) -> Effect {
        self.tries = 0;
        self.retry = STORE_RETRY_FIRST;
        match answer {
            Answer::Renewed => self.store(),
            Answer::Refused { dead: true } => self.read(Stage::Doubting(RefreshProblem::Revoked), now),
            Answer::Refused { dead: false } => self.fail(RefreshProblem::Rejected, None, false, now),
            Answer::Unavailable { retry_after, unknown } => {
                self.fail(RefreshProblem::Unavailable, retry_after, unknown, now)
            }
            Answer::Unreadable => self.fail(RefreshProblem::Unreadable, None, false, now),
            Answer::Unbuildable => self.fail(RefreshProblem::Unbuildable, None, false, now),
        }
    }

    /// The grant is dead, says the provider. When the version moved, that was said of an old refresh token.
    fn doubt(&mut self, problem: RefreshProblem, row: RowFacts, now: Now) -> Effect {
        let asked = self.row.map_or(row.version, |asked| asked.version);
        if row.version == asked {
            return self.fail(problem, None, false, now);
        }
        let current = Ending::Current { version: row.version, renewed: true };
        if self.second_wind || !row.life.is_due(now.wall) {
            return self.end(current);
        }
        // The newer ones are due themselves: once more with them, under the same lease if it still stands.
        self.second_wind = true;
        self.wish = Wish::IfDue;
        match self.held.take() {
            Some(token) => {
                self.stage = Stage::Returning;
                Effect::Release { token }
            }
            None => self.read(Stage::Deciding, now),
        }
    }

    fn fail(
        &mut self,
        problem: RefreshProblem,
        retry_after: Option<Duration>,
        keep: bool,
        now: Now,
    ) -> Effect {
        let before = self.before();
        let state = after_failure(before, problem, retry_after, now.wall);
        self.recording = Some(Recording { state, problem, keep });
        self.record()
    }

    fn record(&mut self) -> Effect {
        let (Some(row), Some(token), Some(recording)) = (self.row, self.held, self.recording) else {
            return self.end_failed();
        };
        self.stage = Stage::Recording;
        Effect::Record {
            version: row.version,
            token,
            state: recording.state,
            before: self.before(),
            keep: recording.keep,
        }
    }

    /// The failure was not written: it was before, by a call whose answer was lost, or another has the lease.
    fn give_way(&mut self, row: RowFacts) -> Effect {
        self.held = None;
        let asked = self.row.map_or(row.version, |asked| asked.version);
        if row.version != asked {
            return self.end(Ending::Current { version: row.version, renewed: true });
        }
        self.end_failed()
    }

    fn end_failed(&mut self) -> Effect {
        let (state, problem, keep) = self
            .recording
            .map_or((self.before(), RefreshProblem::Unavailable, false), |r| (r.state, r.problem, r.keep));
        if keep {
            // Rule 4, also when the failure could not be written down.
            self.held = None;
        }
        self.end(Ending::Failed(state, problem))
    }

    fn before(&self) -> RefreshState {
        self.row.map_or(RefreshState::Healthy, |row| row.health)
    }

    fn store(&mut self) -> Effect {
        self.stage = Stage::Storing;
        Effect::Store { version: self.row.map_or(0, |row| row.version) }
    }

    fn read(&mut self, stage: Stage, now: Now) -> Effect {
        self.stage = stage;
        self.read_at = Some(now);
        Effect::Read
    }

    fn pause(&mut self, wait: Duration, next: Next) -> Effect {
        self.stage = Stage::Paused(next);
        Effect::Wait(wait)
    }

    fn pause_longer(&mut self, next: Next) -> Effect {
        let wait = self.retry;
        self.retry = (self.retry * 2).min(STORE_RETRY_MOST);
        self.pause(wait, next)
    }

    /// A failed call before anything was asked, or while watching.
    fn try_again(&mut self) -> Effect {
        self.tries += 1;
        if self.tries >= STORE_TRIES && self.watch.is_none() {
            return self.end(Ending::NoStore);
        }
        if self.tries >= STORE_TRIES * STORE_TRIES {
            return self.end(Ending::NoStore);
        }
        self.pause_longer(Next::Read)
    }

    /// A failed call after a failure of the provider: it is better told than kept.
    fn tries_left(&mut self, next: Next) -> Effect {
        self.tries += 1;
        if self.tries >= STORE_TRIES { self.end_failed() } else { self.pause_longer(next) }
    }

    fn resume(&mut self, next: Next, now: Now) -> Effect {
        match next {
            Next::Read => self.read(Stage::Deciding, now),
            Next::Store => self.store(),
            Next::Record => self.record(),
            Next::Again(ReadWhy::Doubting(problem)) => self.read(Stage::Doubting(problem), now),
            Next::Again(ReadWhy::Adopting) => self.read(Stage::Adopting, now),
            Next::Again(ReadWhy::Yielding) => self.read(Stage::Yielding, now),
        }
    }

    fn end(&mut self, ending: Ending) -> Effect {
        if let Some(token) = self.held {
            self.stage = Stage::Releasing(ending);
            return Effect::Release { token };
        }
        self.stage = Stage::Ended;
        Effect::End(ending)
    }
}
