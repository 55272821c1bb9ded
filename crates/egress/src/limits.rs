//! Bounds of outbound traffic. Each has a unit and a reason.

use std::time::Duration;

/// Name resolution, TCP and TLS handshake together. A service that needs longer is down.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Head start of one address before the next one is tried in parallel (RFC 8305 section 5).
pub const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Addresses of one name that are tried. More only lengthens a hopeless connect.
pub const MAX_DIALLED_ADDRESSES: usize = 8;

/// From the last byte of the request to the head of the response. Slow reports of real
/// services take up to about 50 s.
pub const RESPONSE_HEADER_TIMEOUT: Duration = Duration::from_mins(1);

/// Silence allowed between two pieces of a response body; long polls send keep-alives sooner.
pub const IDLE_BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// Silence allowed on an idle pooled connection: shorter than the 60 s after which common
/// load balancers close theirs, so that we rarely write into a closed one.
pub const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(45);

/// Idle connections kept for one origin: the concurrency of a busy proxy, at ~20 kB each.
pub const POOL_MAX_IDLE_PER_HOST: usize = 128;

/// How often idle connections are looked through: those that are old or closed by their peer
/// hold a file descriptor no longer than that.
pub const POOL_SWEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Response head in bytes. The largest seen in the wild are cookie walls of ~30 kB.
pub const MAX_RESPONSE_HEAD_BYTES: usize = 128 * 1024;

/// Header fields of one response.
pub const MAX_RESPONSE_HEADERS: usize = 200;

/// Redirect hops followed unless the caller asks for another number.
pub const MAX_REDIRECTS: u8 = 5;

/// A failure on a pooled connection this soon is a keep-alive race, worth one instant retry.
pub const STALE_CONNECTION_WINDOW: Duration = Duration::from_secs(1);

/// Length of a URL we send, in bytes: what common servers accept at most.
pub const MAX_URL_BYTES: usize = 16 * 1024;

/// Flow-control window of one HTTP/2 stream, in bytes: ~50 ms at 40 MB/s.
pub const HTTP2_STREAM_WINDOW_BYTES: u32 = 1024 * 1024;

/// Flow-control window of one HTTP/2 connection, in bytes.
pub const HTTP2_CONNECTION_WINDOW_BYTES: u32 = 4 * 1024 * 1024;
