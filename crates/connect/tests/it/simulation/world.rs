//! One history: replicas, their flights, a database, a provider, and what goes wrong between them.
//!
//! A scheduler of its own over the pure machine. Whatever a flight waits for is an event at a time; between two events
//! of a process, it can die, stand still, or have its clock moved.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use dovetail_connect::limits::{ASK_DEADLINE, RETRY_AFTER_MOST, STORE_DEADLINE};
use dovetail_connect::refresh::machine::{Answer, Effect, Ending, Event, Machine, Now, Wish};
use dovetail_model::Timestamp;

use super::database::{Call, Row};
use super::faults::{Dice, Faults};
use super::provider::{Fate, Pair, Provider, Redeemed};

const BASE: i64 = 1_770_091_506_789;

/// How long after it was sent the provider may still carry a request out: longer than anybody waits for it.
const PROVIDER_LATEST: u64 = 60_000;

/// The longest that a process stands still between asking and storing; elsewhere thirty times that.
const STALL: u64 = 15_000;

/// The farthest that a wall clock is off.
const JUMP: u64 = 7_200_000;

/// How long a flight may take: every bound of the machine together, and a process that stands still.
const PATIENCE: u64 = 2_000_000;

#[derive(Clone, Copy, Debug)]
enum What {
    /// Something answers a flight's effect.
    Flight {
        replica: usize,
        life: u32,
        seq: u64,
        event: Event,
        pair: Option<Pair>,
    },
    /// A call arrives at the database.
    Database {
        replica: usize,
        life: u32,
        flight: u64,
        seq: u64,
        call: Call,
        fate: DbFate,
    },
    /// A token request arrives at the provider.
    Request {
        replica: usize,
        life: u32,
        seq: u64,
        refresh: u64,
    },
    /// A caller comes.
    Caller {
        replica: usize,
        wish: Wish,
        last: bool,
    },
    Crash {
        replica: usize,
    },
    Restart {
        replica: usize,
    },
    Stall {
        replica: usize,
        span: u64,
        sleeps: bool,
    },
    Jump {
        replica: usize,
        by: i64,
    },
    DatabaseDown {
        span: u64,
    },
    ProviderDown {
        span: u64,
    },
    Relink,
    Delete,
    Withdraw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DbFate {
    Answers,
    Forgets,
    Stalls,
}

#[derive(Debug)]
struct Waiting {
    wish: Wish,
    since: u64,
    last: bool,
}

#[derive(Debug)]
struct Flight {
    id: u64,
    machine: Machine,
    /// The row as it was read last.
    pair: Option<Pair>,
    /// What was received and is to be stored.
    received: Option<Pair>,
    waiting: Vec<Waiting>,
    asking: bool,
    seq: u64,
}

#[derive(Debug, Default)]
struct Replica {
    life: u32,
    down: bool,
    stopped_until: u64,
    /// How far the steady clock stayed behind while the machine slept.
    slept: u64,
    /// How far the wall clock is off, in ms.
    offset: i64,
    flight: Option<Flight>,
}

/// What is counted over many histories, to see that they are not all alike.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) steps: u64,
    pub(crate) asked: u64,
    pub(crate) renewed: u64,
    pub(crate) stolen: u64,
    pub(crate) unknown: u64,
    pub(crate) crashes: u64,
    pub(crate) dead: u64,
    pub(crate) lost: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.asked += other.asked;
        self.renewed += other.renewed;
        self.stolen += other.stolen;
        self.unknown += other.unknown;
        self.crashes += other.crashes;
        self.dead += other.dead;
        self.lost += other.lost;
    }
}

pub(crate) struct World {
    dice: Dice,
    faults: Faults,
    now: u64,
    order: u64,
    /// Shared by flights and their calls: a number is used once.
    seq: u64,
    queue: BinaryHeap<Reverse<(u64, u64, usize)>>,
    slots: Vec<Option<What>>,
    free: Vec<usize>,
    replicas: Vec<Replica>,
    row: Row,
    links: Vec<i64>,
    provider: Provider,
    database_down: u64,
    provider_down: u64,
    /// From here on nothing goes wrong any more.
    calm_from: u64,
    happy: u32,
    pub(crate) tally: Tally,
}

type Verdict = Result<(), String>;

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let faults = Faults::draw(&mut dice);
        let life = [45_000, 120_000, 600_000, 3_600_000][dice.between(0, 4) as usize];
        let mut provider = Provider::new(dice.happens(900), life);
        let pair = provider.link(0);
        let count = dice.between(2, 6) as usize;
        let calm_from = (life * dice.between(1, 4)).clamp(300_000, 7_200_000);
        let mut world = Self {
            row: Row::new(pair, life, Timestamp(BASE)),
            links: vec![1],
            dice,
            faults,
            now: 0,
            order: 0,
            seq: 0,
            queue: BinaryHeap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            replicas: (0..count).map(|_| Replica::default()).collect(),
            provider,
            database_down: 0,
            provider_down: 0,
            calm_from,
            happy: 0,
            tally: Tally::default(),
        };
        world.plan();
        world
    }

    /// Lays out callers and disasters.
    fn plan(&mut self) {
        let count = self.replicas.len() as u64;
        let bursts = self.dice.between(3, 12);
        for _ in 0..bursts {
            let at = self.dice.between(0, self.calm_from);
            let callers = self.dice.between(1, 5);
            for _ in 0..callers {
                let replica = self.dice.between(0, count) as usize;
                let wish = match self.dice.between(0, 10) {
                    0 => Wish::Forced,
                    1 => Wish::Planned { version: self.row.version },
                    _ => Wish::IfDue,
                };
                let at = at + if self.dice.happens(500) { 0 } else { self.dice.between(0, 3000) };
                self.at(at, What::Caller { replica, wish, last: false });
            }
            // Disasters happen around callers: elsewhere nobody would notice.
            self.disasters(at, count);
        }
        if self.faults.deletes {
            let at = self.dice.between(0, self.calm_from);
            self.at(at, What::Delete);
        }
        if self.faults.withdraws {
            let at = self.dice.between(0, self.calm_from);
            self.at(at, What::Withdraw);
        }
        // Afterwards everything has to work again.
        let settled = RETRY_AFTER_MOST.as_millis() as u64 + JUMP + PATIENCE;
        for (number, replica) in (0..self.replicas.len()).cycle().take(6).enumerate() {
            let at = self.calm_from + settled + number as u64 * PATIENCE;
            self.at(at, What::Caller { replica, wish: Wish::IfDue, last: true });
        }
    }

    fn disasters(&mut self, around: u64, count: u64) {
        let faults = self.faults.clone();
        for (rate, kind) in
            [(faults.crashes, 0), (faults.stalls, 1), (faults.jumps, 2), (faults.db_outages, 3)]
                .into_iter()
                .chain([(faults.outages, 4), (faults.relinks, 5)])
        {
            if !self.dice.happens(rate * 100) {
                continue;
            }
            let replica = self.dice.between(0, count) as usize;
            let spread = if self.dice.happens(500) { 30 } else { 60_000 };
            let at = around + self.dice.between(0, spread);
            let what = match kind {
                0 => What::Crash { replica },
                1 => What::Stall {
                    replica,
                    span: self.dice.between(100, STALL),
                    sleeps: self.dice.happens(500),
                },
                2 => What::Jump { replica, by: self.dice.between(0, 2 * JUMP) as i64 - JUMP as i64 },
                3 => What::DatabaseDown { span: self.dice.between(100, 200_000) },
                4 => What::ProviderDown { span: self.dice.between(1000, 600_000) },
                _ => What::Relink,
            };
            if at < self.calm_from {
                self.at(at, what);
            }
        }
    }

    fn at(&mut self, at: u64, what: What) {
        self.order += 1;
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot] = Some(what);
            slot
        } else {
            self.slots.push(Some(what));
            self.slots.len() - 1
        };
        self.queue.push(Reverse((at.max(self.now), self.order, slot)));
    }

    /// Plays the history to its end. `Err` says which promise was broken.
    pub(crate) fn play(&mut self) -> Verdict {
        while let Some(Reverse((at, _, slot))) = self.queue.pop() {
            self.now = at;
            self.free.push(slot);
            if let Some(what) = self.slots[slot].take() {
                self.happen(what)?;
            }
            self.tally.steps += 1;
            if self.tally.steps > 200_000 {
                return Err("the history does not end".to_owned());
            }
        }
        self.judge()
    }

    fn is_calm(&self) -> bool {
        self.now >= self.calm_from
    }

    fn happens(&mut self, rate: u64) -> bool {
        !self.is_calm() && self.dice.happens(rate)
    }

    fn happen(&mut self, what: What) -> Verdict {
        match what {
            What::Flight { replica, life, seq, event, pair } => {
                let stopped = self.replicas[replica].stopped_until;
                if stopped > self.now {
                    self.at(stopped, what);
                    return Ok(());
                }
                self.answer(replica, life, seq, event, pair)
            }
            What::Database { replica, life, flight, seq, call, fate } => {
                self.database(replica, life, flight, seq, call, fate)
            }
            What::Request { replica, life, seq, refresh } => self.request(replica, life, seq, refresh),
            What::Caller { replica, wish, last } => self.call(replica, wish, last),
            What::Crash { replica } => {
                self.crash(replica);
                Ok(())
            }
            What::Restart { replica } => {
                self.replicas[replica].down = false;
                Ok(())
            }
            What::Stall { replica, span, sleeps } => {
                let process = &mut self.replicas[replica];
                // Nobody can help a process that holds an answer and stands still for longer than a lease.
                let careless = process.flight.as_ref().is_none_or(|f| !f.asking && f.received.is_none());
                let span = if careless { span * 30 } else { span };
                let (from, to) = (process.stopped_until.max(self.now), self.now + span);
                process.stopped_until = to.max(from);
                if sleeps {
                    process.slept += to.saturating_sub(from);
                }
                Ok(())
            }
            What::Jump { replica, .. } if self.replicas[replica].stopped_until > self.now => {
                // A machine whose clock is moved back by just the time it slept cannot know that it slept.
                let later = self.replicas[replica].stopped_until + 1;
                self.at(later, what);
                Ok(())
            }
            What::Jump { replica, by } => {
                self.replicas[replica].offset = by;
                if by != 0 {
                    let until = self.now + self.dice.between(1000, 600_000);
                    self.at(until, What::Jump { replica, by: 0 });
                }
                Ok(())
            }
            What::DatabaseDown { span } => {
                self.database_down = self.database_down.max((self.now + span).min(self.calm_from));
                Ok(())
            }
            What::ProviderDown { span } => {
                self.provider_down = self.provider_down.max((self.now + span).min(self.calm_from));
                Ok(())
            }
            What::Relink => {
                let pair = self.provider.link(self.now);
                self.row.link(pair, self.provider.life, Timestamp(BASE + self.now as i64));
                self.links.push(self.row.version);
                Ok(())
            }
            What::Delete => {
                self.row.deleted = true;
                Ok(())
            }
            What::Withdraw => {
                self.provider.withdraw_all();
                Ok(())
            }
        }
    }

    fn clock(&self, replica: usize) -> Now {
        let process = &self.replicas[replica];
        let awake = process.stopped_until < self.now;
        let offset = if self.is_calm() && awake { 0 } else { process.offset };
        Now {
            wall: Timestamp(BASE + self.now as i64 + offset),
            steady: Duration::from_millis(1_000_000_000 + self.now - process.slept.min(self.now)),
        }
    }

    fn crash(&mut self, replica: usize) {
        self.tally.crashes += 1;
        let process = &mut self.replicas[replica];
        process.life += 1;
        process.down = true;
        process.flight = None;
        process.stopped_until = 0;
        for fate in self.provider.fates.values_mut() {
            let of = match *fate {
                Fate::Travelling { replica, .. } | Fate::Received { replica, .. } => Some(replica),
                Fate::Durable | Fate::Lost => None,
            };
            if of == Some(replica) {
                *fate = Fate::Lost;
                self.tally.lost += 1;
            }
        }
        let until = self.now + self.dice.between(10, 30_000);
        self.at(until, What::Restart { replica });
    }

    fn call(&mut self, replica: usize, wish: Wish, last: bool) -> Verdict {
        if self.replicas[replica].down {
            return Ok(());
        }
        let waiting = Waiting { wish, since: self.now, last };
        if let Some(flight) = &mut self.replicas[replica].flight {
            flight.waiting.push(waiting);
            return Ok(());
        }
        self.take_off(replica, wish, vec![waiting])
    }

    fn take_off(&mut self, replica: usize, wish: Wish, waiting: Vec<Waiting>) -> Verdict {
        self.seq += 1;
        let mut flight = Flight {
            id: self.seq,
            machine: Machine::new(wish),
            pair: None,
            received: None,
            waiting,
            asking: false,
            seq: self.seq,
        };
        let effect = flight.machine.step(Event::Begin, self.clock(replica));
        self.replicas[replica].flight = Some(flight);
        self.perform(replica, effect)
    }

    fn answer(&mut self, replica: usize, life: u32, seq: u64, event: Event, pair: Option<Pair>) -> Verdict {
        let clock = self.clock(replica);
        let calm = self.is_calm();
        let process = &mut self.replicas[replica];
        let Some(flight) = process.flight.as_mut().filter(|flight| flight.seq == seq && process.life == life)
        else {
            return Ok(());
        };
        match event {
            Event::Row(_) => flight.pair = pair,
            Event::Answered(Answer::Renewed) => {
                flight.received = pair;
                if let Some(pair) = pair.filter(|_| self.provider.rotates()) {
                    self.provider.fates.insert(pair.refresh, Fate::Received { replica, life });
                }
            }
            Event::Answered(Answer::Unavailable { unknown: true, .. }) => {
                self.tally.unknown += 1;
                for fate in self.provider.fates.values_mut() {
                    if matches!(fate, Fate::Travelling { ask, .. } if *ask == seq) {
                        *fate = Fate::Lost;
                        self.tally.lost += 1;
                    }
                }
                if calm && self.provider_down == 0 && self.now > self.calm_from + 120_000 {
                    return Err("the provider is well, but a request was not answered".to_owned());
                }
            }
            _ => {}
        }
        flight.asking = false;
        let effect = flight.machine.step(event, clock);
        self.perform(replica, effect)
    }

    fn perform(&mut self, replica: usize, effect: Effect) -> Verdict {
        let clock = self.clock(replica);
        self.seq += 1;
        let seq = self.seq;
        let Some(flight) = self.replicas[replica].flight.as_mut() else { return Ok(()) };
        flight.seq = seq;
        let (id, pair, received) = (flight.id, flight.pair, flight.received);
        let life = self.replicas[replica].life;
        let call = match effect {
            Effect::Read => Call::Read,
            Effect::Lease { version, over } => {
                self.tally.stolen += u64::from(over.is_some());
                Call::Lease { version, over }
            }
            Effect::Store { version } => {
                let Some(pair) = received else { return Err("stores what it did not receive".to_owned()) };
                Call::Store { version, pair, life: self.provider.life, wall: clock.wall }
            }
            Effect::Record { version, token, state, keep, .. } => {
                Call::Record { version, token, state, keep }
            }
            Effect::Release { token } => Call::Release { token },
            Effect::Ask { deadline } => {
                let Some(pair) = pair else { return Err("asks without having read".to_owned()) };
                return self.ask(replica, life, seq, pair.refresh, deadline);
            }
            Effect::Wait(span) => {
                let at = self.now + span.as_millis() as u64;
                self.at(at, What::Flight { replica, life, seq, event: Event::Woke, pair: None });
                return Ok(());
            }
            Effect::End(ending) => return self.land(replica, ending),
        };
        self.ask_database(replica, life, id, seq, call);
        Ok(())
    }

    fn ask_database(&mut self, replica: usize, life: u32, flight: u64, seq: u64, call: Call) {
        let failed = What::Flight { replica, life, seq, event: Event::Failed, pair: None };
        let deadline = self.now + STORE_DEADLINE.as_millis() as u64;
        let there = self.now + self.dice.between(0, 5);
        if there < self.database_down || self.happens(self.faults.db_fails) {
            let at = if self.dice.happens(300) { deadline } else { there };
            self.at(at, failed);
            return;
        }
        let (fate, there) = if self.happens(self.faults.db_stalls) {
            (DbFate::Stalls, deadline + self.dice.between(0, 10_000))
        } else if self.happens(self.faults.db_forgets) {
            (DbFate::Forgets, there)
        } else {
            (DbFate::Answers, there)
        };
        if fate != DbFate::Answers {
            self.at(deadline, failed);
        }
        self.at(there, What::Database { replica, life, flight, seq, call, fate });
    }

    fn database(
        &mut self,
        replica: usize,
        life: u32,
        flight: u64,
        seq: u64,
        call: Call,
        fate: DbFate,
    ) -> Verdict {
        let event = self.row.apply(flight, call);
        if let Call::Store { pair, version, .. } = call
            && self.provider.rotates()
        {
            let durable = self.row.history.iter().any(|(_, known)| *known == pair);
            let superseded = self.row.deleted || self.links.iter().any(|linked| *linked > version);
            if durable {
                self.provider.fates.insert(pair.refresh, Fate::Durable);
            } else if superseded {
                self.provider.fates.insert(pair.refresh, Fate::Lost);
            } else {
                return Err(format!("a received token is refused by the row: {pair:?} over {version}"));
            }
        }
        self.tally.renewed += u64::from(matches!(event, Event::Stored { .. }));
        if fate == DbFate::Answers {
            let pair = Some(self.row.pair);
            let at = self.now + self.dice.between(0, 5);
            self.at(at, What::Flight { replica, life, seq, event, pair });
        }
        Ok(())
    }

    fn ask(&mut self, replica: usize, life: u32, seq: u64, refresh: u64, deadline: Duration) -> Verdict {
        self.tally.asked += 1;
        let others = self.replicas.iter().filter_map(|process| process.flight.as_ref());
        if others.filter(|flight| flight.asking).count() > 0 {
            return Err("two processes ask at once".to_owned());
        }
        if let Some(flight) = self.replicas[replica].flight.as_mut() {
            flight.asking = true;
        }
        assert_eq!(deadline, ASK_DEADLINE);
        let unknown = Answer::Unavailable { retry_after: None, unknown: true };
        let given_up = What::Flight { replica, life, seq, event: Event::Answered(unknown), pair: None };
        self.at(self.now + deadline.as_millis() as u64, given_up);
        if !self.happens(self.faults.never_arrives) {
            let slow = self.happens(self.faults.slow);
            let travel = self.dice.between(1, if slow { PROVIDER_LATEST } else { 300 });
            self.at(self.now + travel, What::Request { replica, life, seq, refresh });
        }
        Ok(())
    }

    fn request(&mut self, replica: usize, life: u32, seq: u64, refresh: u64) -> Verdict {
        let back = self.now + self.dice.between(1, 200);
        let refused =
            |answer| What::Flight { replica, life, seq, event: Event::Answered(answer), pair: None };
        if self.now < self.provider_down || self.happens(self.faults.busy) {
            let wait = self.dice.between(0, 100);
            let retry_after = self.dice.happens(300).then(|| Duration::from_secs(wait));
            self.at(back, refused(Answer::Unavailable { retry_after, unknown: false }));
            return Ok(());
        }
        if self.happens(self.faults.rejects) {
            self.at(back, refused(Answer::Refused { dead: false }));
            return Ok(());
        }
        let pair = match self.provider.redeem(refresh, self.now)? {
            Redeemed::New(pair) => pair,
            Redeemed::Dead => {
                self.tally.dead += 1;
                self.at(back, refused(Answer::Refused { dead: true }));
                return Ok(());
            }
        };
        let process = &self.replicas[replica];
        let awaited = process.life == life && process.flight.as_ref().is_some_and(|flight| flight.seq == seq);
        let lost = self.happens(self.faults.answer_lost) || !awaited;
        if self.provider.rotates() {
            let fate = if lost { Fate::Lost } else { Fate::Travelling { replica, life, ask: seq } };
            self.provider.fates.insert(pair.refresh, fate);
        }
        if lost {
            self.tally.lost += 1;
            return Ok(());
        }
        let event = Event::Answered(Answer::Renewed);
        let answer = What::Flight { replica, life, seq, event, pair: Some(pair) };
        let late = self.happens(self.faults.slow);
        let back = self.now + self.dice.between(1, if late { 45_000 } else { 300 });
        self.at(back, answer);
        if self.happens(self.faults.twice) {
            let again = back + self.dice.between(0, 2000);
            self.at(again, answer);
        }
        Ok(())
    }

    /// A flight has ended: every caller gets an answer, or a flight of its own.
    fn land(&mut self, replica: usize, ending: Ending) -> Verdict {
        let Some(flight) = self.replicas[replica].flight.take() else { return Ok(()) };
        let mut unanswered = Vec::new();
        for caller in flight.waiting {
            if self.now - caller.since > PATIENCE {
                return Err(format!("a caller waited {} ms", self.now - caller.since));
            }
            if ending.answers(caller.wish) {
                self.served(replica, &caller, ending)?;
            } else {
                unanswered.push(caller);
            }
        }
        match unanswered.first().map(|caller| caller.wish) {
            Some(wish) => self.take_off(replica, wish, unanswered),
            None => Ok(()),
        }
    }

    fn served(&mut self, replica: usize, caller: &Waiting, ending: Ending) -> Verdict {
        let alive = !self.row.deleted && self.provider.is_alive(self.row.pair.refresh);
        let version = match ending {
            Ending::Current { version, .. } => version,
            Ending::Gone if !self.row.deleted => return Err("a live connection is called gone".to_owned()),
            Ending::Exhausted(_) | Ending::HeldBack(_) | Ending::Failed(..) | Ending::Busy
                if caller.last && alive =>
            {
                return Err(format!("all is well again, but a caller gets {ending:?}"));
            }
            Ending::NoStore | Ending::Expired if caller.last => {
                return Err(format!("all is well again, but a caller gets {ending:?}"));
            }
            _ => return Ok(()),
        };
        let Some((_, pair)) = self.row.history.iter().find(|(known, _)| *known == version) else {
            return Err(format!("a caller gets version {version}, which was never durable"));
        };
        if self.provider.accepts(pair.access, self.now) {
            self.happy += u32::from(caller.last);
            return Ok(());
        }
        // It does not work: the clock was wrong, the grant is gone, or a newer version is there.
        if caller.last && alive && !matches!(caller.wish, Wish::IfDue) {
            return Err("all is well again, but a renewed token does not work".to_owned());
        }
        let wish = Wish::Refused { version };
        if caller.wish != wish && !self.row.deleted {
            let at = self.now + 10;
            self.at(at, What::Caller { replica, wish, last: caller.last });
        }
        Ok(())
    }

    /// The promises that are looked at when all is over.
    fn judge(&self) -> Verdict {
        for (token, fate) in &self.provider.fates {
            if matches!(fate, Fate::Received { .. } | Fate::Travelling { .. }) {
                return Err(format!("token {token} was received and is nowhere: {fate:?}"));
            }
        }
        if self.replicas.iter().any(|process| process.flight.is_some()) {
            return Err("a flight never ended".to_owned());
        }
        let alive = !self.row.deleted && self.provider.is_alive(self.row.pair.refresh);
        if alive && self.happy < 6 {
            return Err(format!("only {} of 6 callers got a token that works", self.happy));
        }
        Ok(())
    }
}
