//! The simulator's bounds: each with its unit and the reason for it.

use std::time::Duration;

/// Bytes of a request body that an echo or the sink keeps; the rest is counted and dropped, so that
/// an upload of any size costs no memory.
pub const BODY_KEPT_BYTES: usize = 256 * 1024;

/// Bytes of a control request's body (a fault rule is a few hundred).
pub const CONTROL_BODY_BYTES: usize = 64 * 1024;

/// Fault rules in force at once. Every request walks the list.
pub const FAULT_RULES: usize = 256;

/// Longest latency a fault may add. Longer than every deadline of the product, short enough that a
/// forgotten rule does not hold a test run for ever.
pub const FAULT_LATENCY: Duration = Duration::from_mins(2);

/// Longest pause between two pieces of a slow body, for the same reason.
pub const SLOW_BODY_PAUSE: Duration = Duration::from_secs(30);

/// Named sinks kept at once; the one that was created first makes room.
pub const SINKS: usize = 64;

/// Deliveries kept a sink; the oldest makes room.
pub const SINK_DELIVERIES: usize = 200;

/// Longest wait of a reader for the next delivery: below the idle time limits of common clients.
pub const SINK_WAIT: Duration = Duration::from_secs(30);

/// Bytes one `__stream` call may ask for: enough for every streaming measurement.
pub const STREAM_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// Bytes in one piece of a stream: what one socket write carries without growing buffers.
pub const STREAM_CHUNK_BYTES: usize = 64 * 1024;

/// Events one `__sse` call may ask for.
pub const SSE_EVENTS: u64 = 1_000_000;

/// Seconds that a signed request's time may lie behind the simulator's clock, tried one by one when
/// the request carries no time of its own.
pub const CLOCK_SKEW_SECONDS: i64 = 10;

/// Seconds by which the time that a signed request states may differ from the simulator's clock: what
/// services that sign over a date allow.
pub const SIGNATURE_AGE_SECONDS: i64 = 300;

/// Characters that a demo value gets where its pattern sets no upper bound: short enough to type.
pub const DEMO_LENGTH: u32 = 8;

/// Characters a generated demo value may have; patterns asking for more have no demo value.
pub const DEMO_LENGTH_MAX: usize = 4096;

/// Codes and refresh tokens remembered; the oldest makes room.
pub const GRANTS: usize = 10_000;

/// Seconds that a simulated access token is said to live: what most services say.
pub const TOKEN_SECONDS: u64 = 3600;

/// Connections served at once: above what a load test opens, below what file descriptors allow.
pub const CONNECTIONS: usize = 2048;

/// Wait after a connection could not be accepted, so that the loop does not spin.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Time that running requests get at shutdown: they answer at once unless a fault holds them.
pub const DRAIN: Duration = Duration::from_secs(2);
