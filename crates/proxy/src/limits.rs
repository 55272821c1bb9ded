//! Bounds of a proxied call. Each has a unit and a reason.

use std::time::Duration;

/// Request bytes kept for sending them again. A larger body is streamed, and then neither
/// retried nor sent along with a redirect. 64 calls at once keep at most 16 MiB.
pub const REPLAY_BYTES: usize = 256 * 1024;

/// Request bytes read when the body must be rewritten (another content type is wanted, or the
/// provider's definition adds entries). Rewriting needs all of it in memory, twice.
pub const REWRITE_BYTES: usize = 5 * 1024 * 1024;

/// Most repetitions that `Retries` can ask for; a higher number means this one.
pub const MAX_RETRIES: u8 = 10;

/// Wall-clock time after which no repetition begins: callers wait for the answer.
pub const RETRY_BUDGET: Duration = Duration::from_mins(1);

/// First wait between attempts where nobody names one; doubles each time.
pub const FIRST_BACKOFF: Duration = Duration::from_secs(3);

/// Longest wait between attempts where nobody names one.
pub const MAX_BACKOFF: Duration = Duration::from_mins(10);

/// Share of a wait of ours by which it is lengthened at random, in percent, so that callers
/// that failed together do not come back together.
pub const JITTER_PERCENT: u32 = 20;

/// Redirect hops followed for one attempt.
pub const MAX_REDIRECTS: u8 = 5;

/// Bytes of a discarded answer read so that its connection can be used again; beyond, closing
/// is cheaper.
pub const DRAIN_BYTES: usize = 64 * 1024;

/// Time spent reading a discarded answer.
pub const DRAIN_TIME: Duration = Duration::from_millis(500);

/// Longest `Dovetail-Timeout-Ms` a caller can ask for, in milliseconds.
pub const MAX_TIMEOUT_MS: u32 = 15 * 60 * 1000;

/// Longest integration key, connection id and operation id, in characters (the wire's rule).
pub const MAX_NAME: usize = 255;
