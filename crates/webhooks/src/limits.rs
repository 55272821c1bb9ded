//! Bounds of webhook deliveries. Each has a unit and a reason.

use std::time::Duration;

/// One attempt, answer included: a receiver should queue and answer, not work.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// Waits before the second and later attempts: seconds for a restart, a day for an outage
/// over night.
pub const RETRY_WAITS: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_hours(1),
    Duration::from_hours(6),
    Duration::from_hours(24),
];

/// Attempts that end with a refusal (a 4xx that is not about time): a deploy or a changed
/// path mends in minutes, a wrong URL never.
pub const MAX_REFUSED_ATTEMPTS: u32 = 4;

/// Share of a wait by which it is shortened or lengthened, so that a receiver that comes back
/// is not met by all at once.
pub const JITTER_PERCENT: u32 = 20;

/// Longest `Retry-After` that is honoured; a longer one is a mistake of the receiver.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// Redirects followed (307 and 308 only).
pub const MAX_REDIRECTS: u8 = 2;

/// Bytes of the receiver's answer that are kept in the delivery log.
pub const MAX_LOGGED_ANSWER_BYTES: usize = 2 * 1024;

/// Rows leased by one worker at a time: about one second of work.
pub const LEASE_BATCH: i64 = 64;

/// How long a worker may keep a row. Longer than one attempt, so that a live worker never
/// loses its row; short enough that a killed one's rows go out soon.
pub const LEASE: Duration = Duration::from_mins(1);

/// Deliveries under way to one endpoint, so that a slow one cannot take all slots.
pub const MAX_IN_FLIGHT_PER_ENDPOINT: usize = 4;

/// How long a delivery is put off whose endpoint has enough under way.
pub const BUSY_WAIT: Duration = Duration::from_secs(1);

/// How long a stopping process waits for deliveries under way: one attempt, and its writing down.
pub const DRAIN_TIME: Duration = Duration::from_secs(25);

/// Wait after the database failed before the queue is looked at again.
pub const STORE_FAILURE_WAIT: Duration = Duration::from_secs(1);

/// Deliveries under way in one process, at ~50 kB each.
pub const MAX_IN_FLIGHT: usize = 64;

/// Longest sleep between two looks at the queue: the fallback if a wake-up is lost.
pub const POLL_INTERVAL: Duration = Duration::from_secs(5);
