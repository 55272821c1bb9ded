//! Every bound of this room, with its unit and its reason.

use std::time::Duration;

/// Log entries waiting to be written. A burst of that size takes about 4 MiB; beyond it entries are
/// dropped and counted, because a log must never slow a request down.
pub const QUEUE_ENTRIES: usize = 4_096;

/// Entries written in one transaction. Enough to amortise a commit, small enough to hold the writer briefly.
pub const BATCH_ENTRIES: usize = 128;

/// Calls that went well which are written down one by one within a second. At that rate writing takes about
/// a fiftieth of a core; further ones are only counted. Whatever went wrong is always written.
pub const ROUTINE_PER_SECOND: u32 = 500;

/// Bytes of one stored JSON document (request, response, meta). Observability section 4: 64 KiB.
pub const DOCUMENT_BYTES: usize = 64 * 1024;

/// Characters of one log sentence; longer ones are cut. Observability section 4.
pub const MESSAGE_CHARS: usize = 10_000;

/// Label combinations one metric may have. Labels come from the catalogue and from fixed words, so the
/// bound is never met in practice; it keeps a mistake from eating memory.
pub const SERIES_PER_METRIC: usize = 2_048;

/// How long an attempt to link an account may stay open before it counts as abandoned.
/// Observability section 1.4.
pub const CONNECT_EXPIRY: Duration = Duration::from_mins(5);

/// How long any other operation may stay open. Observability section 1.4.
pub const DEFAULT_EXPIRY: Duration = Duration::from_hours(24);

/// How long shutdown waits for the queue to drain; a database that is gone must not hold the process.
pub const DRAIN_WAIT: Duration = Duration::from_secs(5);
