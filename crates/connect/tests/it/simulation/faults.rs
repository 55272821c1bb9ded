//! What may go wrong in one history, drawn from its seed.

/// A small generator of its own, so that histories never change with a library (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD0F3)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From `low` up to and without `high`.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low).max(1)
    }

    /// Whether something happens that happens `permille` times of a thousand.
    pub(super) fn happens(&mut self, permille: u64) -> bool {
        self.next() % 1000 < permille
    }
}

/// How often things go wrong, in thousandths; times in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    /// A database call fails without effect.
    pub(super) db_fails: u64,
    /// A database call has its effect, but the answer is lost.
    pub(super) db_forgets: u64,
    /// A database call has its effect only after its caller gave up.
    pub(super) db_stalls: u64,
    /// The provider says "not now".
    pub(super) busy: u64,
    /// The provider refuses for a reason that somebody mends.
    pub(super) rejects: u64,
    /// The request never arrives.
    pub(super) never_arrives: u64,
    /// The answer never arrives.
    pub(super) answer_lost: u64,
    /// The answer comes late, perhaps after the deadline.
    pub(super) slow: u64,
    /// The answer comes twice.
    pub(super) twice: u64,
    /// Processes that die.
    pub(super) crashes: u64,
    /// Processes that are stopped for a while, some with their steady clock.
    pub(super) stalls: u64,
    /// Wall clocks that are moved.
    pub(super) jumps: u64,
    /// Outages of the database.
    pub(super) db_outages: u64,
    /// Outages of the provider.
    pub(super) outages: u64,
    /// The end user links the account again.
    pub(super) relinks: u64,
    /// The connection is deleted.
    pub(super) deletes: bool,
    /// The end user withdraws the grant at the provider.
    pub(super) withdraws: bool,
}

impl Faults {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let level = [0, 1, 1, 2, 4][dice.between(0, 5) as usize];
        let mut rate = |most: u64| if dice.happens(500) { dice.between(0, most * level / 2 + 1) } else { 0 };
        Self {
            db_fails: rate(60),
            db_forgets: rate(60),
            db_stalls: rate(15),
            busy: rate(150),
            rejects: rate(50),
            never_arrives: rate(100),
            answer_lost: rate(100),
            slow: rate(200),
            twice: rate(200),
            crashes: rate(4),
            stalls: rate(4),
            jumps: rate(4),
            db_outages: rate(2),
            outages: rate(2),
            relinks: rate(2),
            deletes: dice.happens(20),
            withdraws: dice.happens(30),
        }
    }
}
