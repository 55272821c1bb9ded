//! Every bound of the server, with its unit and its reason.

use std::time::Duration;

/// Largest body of an API route, in bytes: what the reference accepts (75 MB), because imports of raw credentials and
/// proxied uploads rely on it.
pub const MAX_API_BODY: usize = 75 * 1024 * 1024;

/// Largest body that is read before anybody is known to have sent it, in bytes: the contract wants malformed JSON told
/// before missing credentials, and a megabyte is more than any such client sends.
pub const MAX_STRANGERS_BODY: usize = 1024 * 1024;

/// How long a body may pause: a client on a bad line resumes sooner, one that stalls holds memory.
pub const BODY_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Largest body of a page's form, in bytes: forms hold a few fields of text, and the largest an uploaded logo of
/// 256 KiB.
pub const MAX_PAGE_BODY: usize = 512 * 1024;

/// Most parameters read from one query or form; more are ignored. Clients send fewer than fifty.
pub const MAX_QUERY_PARAMETERS: usize = 1000;

/// Deepest nesting of a query key; what lies deeper stays part of the key (the clients' own limit).
pub const MAX_QUERY_DEPTH: usize = 5;

/// Largest index that makes a list out of `a[<index>]`; larger ones make an object (the clients' own limit).
pub const MAX_QUERY_INDEX: usize = 100;

/// Length of a rate limit window (spec: http-api.md 1.13).
pub const RATE_WINDOW: Duration = Duration::from_mins(1);

/// Most callers whose request counts are remembered within one window. Beyond it the least used are forgotten and so
/// let through: memory stays bounded when addresses are many.
pub const MAX_RATE_BUCKETS: u64 = 100_000;

/// Failed authentications one address may cause in a window before it is answered 429. Two orders of magnitude above
/// a misconfigured client that retries, far below what guessing a 122-bit key would need.
pub const MAX_FAILED_AUTHENTICATIONS: u32 = 300;

/// Longest OAuth 2 access or refresh token of an import, in characters (spec: http-api.md 1.11).
pub const OAUTH2_TOKEN_CHARS: usize = 16_384;

/// Longest client credentials token of an import, in characters (spec: http-api.md 2.7).
pub const OAUTH2_CC_TOKEN_CHARS: usize = 4_096;

/// Longest OAuth 1 token or secret of an import, in characters (spec: http-api.md 2.7).
pub const OAUTH1_TOKEN_CHARS: usize = 2_048;

/// Longest name of an AWS region, in characters (auth-modes.md section 18).
pub const AWS_REGION_CHARS: usize = 64;

/// Longest pasted API key, in characters (spec: http-api.md 2.10).
pub const API_KEY_CHARS: usize = 1_024;

/// Longest user name or password, in characters (spec: http-api.md 2.10).
pub const BASIC_CHARS: usize = 1_024;

/// Longest OAuth client id, in characters (spec: http-api.md 2.7).
pub const CLIENT_ID_CHARS: usize = 255;

/// Longest OAuth client secret, in characters (spec: http-api.md 2.7).
pub const CLIENT_SECRET_CHARS: usize = 2_048;

/// Longest PEM certificate or private key of a client, in characters (spec: http-api.md 2.7).
pub const CERTIFICATE_CHARS: usize = 10_000;

/// How far a telemetry event's time may be from the server's, in milliseconds: browsers' clocks are off
/// (spec: http-api.md 2.6).
pub const TELEMETRY_CLOCK_SKEW_MS: i64 = 7_200_000;

/// Connections of one page of the list when the caller says nothing (spec: http-api.md 2.7).
pub const DEFAULT_PAGE_CONNECTIONS: i64 = 10_000;

/// Most connections a caller may ask for in one page (spec: http-api.md 2.7).
pub const MAX_PAGE_CONNECTIONS: i32 = 2_000;

/// How long a WebSocket may wait for a result: as long as a connect session can live, twice over.
pub const SOCKET_LIFETIME: Duration = Duration::from_hours(1);

/// Time between two signs of life on a waiting WebSocket: below the 60 s after which load balancers give up. At each
/// one the outcome is looked for as well, in case a notice got lost.
pub const SOCKET_HEARTBEAT: Duration = Duration::from_secs(25);

/// Outcomes that a slow WebSocket of this process may lag behind.
pub const WAITERS_BUFFER: usize = 64;

/// How long a person may take at the provider (auth-modes.md 3.2).
pub const FLOW_LIFETIME: Duration = Duration::from_hours(1);

/// How long a pairing code can be brought: time to fetch another device, too little to guess (RFC 8628, 5.1).
pub const PAIRING_LIFETIME: Duration = Duration::from_mins(10);

/// Time between two questions of a device that waits for its code (RFC 8628, 3.2).
pub const PAIRING_INTERVAL: Duration = Duration::from_secs(5);

/// Pairing codes that one network may look up in a rate limit window: an office of people who pair at once, and
/// somebody who guesses stays at nothing.
pub const PAIRING_LOOKUPS_NETWORK: u32 = 30;

/// Pairing codes that everybody together may look up in a window of one process: with 38.9 bits a code and a thousand
/// codes alive, whoever uses it up for ten minutes finds one with a chance below 1 in 100 000.
pub const PAIRING_LOOKUPS: u32 = 300;

/// Longest name that a device gives itself, in characters: one line on the page that asks about it.
pub const CLIENT_NAME_CHARS: usize = 64;

/// Integrations that the page of a pairing code names: a person reads no more of them.
pub const PAIRING_SHOWN_INTEGRATIONS: usize = 5;

/// Age of a signature on a callback that the product passes on.
pub const RELAY_AGE: Duration = Duration::from_mins(5);

/// Parameters of a callback that are read; providers send fewer than twenty.
pub const CALLBACK_PARAMETERS: usize = 100;

/// Largest body of a callback that a provider's page posts, in bytes: a code, a state, perhaps an ID token.
pub const MAX_CALLBACK_BODY: usize = 64 * 1024;

/// Largest page of the simulator that is passed on, in bytes.
pub const SIMULATED_PAGE_BYTES: usize = 256 * 1024;

/// Wait for a page of the simulator: it answers at once unless a fault holds it.
pub const SIMULATED_PAGE_WAIT: Duration = Duration::from_secs(20);

/// Largest message a WebSocket client may send, in bytes: clients have nothing to say.
pub const MAX_SOCKET_MESSAGE: usize = 4 * 1024;

/// How long `/ready` waits for the database: probes usually give up after a few seconds themselves.
pub const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// Connections listed by the deprecated `GET /config/{key}`, newest first: it has no pages, and its readers look at
/// `connection_count`.
pub const MAX_LISTED_CONNECTIONS: i64 = 100;

/// Most connections open at once. Each idle one costs some 20 KB; 10 000 streams and their senders fit.
pub const CONNECTIONS: usize = 20_000;

/// Longest wait for a request head, and so for the next request on a kept connection: what load balancers expect
/// (the reference keeps connections for 61 s).
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(61);

/// Pause after a connection could not be accepted, so that others can end.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long requests under way may go on after the signal to stop: shorter than the 30 s after which orchestrators kill.
pub const DRAIN: Duration = Duration::from_secs(25);

/// How often the overlay of definitions is looked at for changes.
pub const OVERLAY_INTERVAL: Duration = Duration::from_secs(2);

/// How often expired rows are removed.
pub const PURGE_INTERVAL: Duration = Duration::from_mins(10);

/// Time between two writings of when keys and connections were last used: one transaction for all of them.
pub const TOUCH_FLUSH_INTERVAL: Duration = Duration::from_secs(10);

/// Longest value of an integration's `integration_config`, in characters (spec: http-api.md 2.5).
pub const INTEGRATION_CONFIG_CHARS: usize = 8_192;

/// Longest secret or free value of an integration, in characters: a PEM chain of several certificates fits.
pub const INTEGRATION_SECRET_CHARS: usize = 65_536;

/// Most free values of an integration: they are sealed and opened together with every use of it.
pub const MAX_INTEGRATION_VALUES: usize = 100;

/// How often overdue operations are ended. A minute late is soon enough for a log that people read.
pub const OPERATION_EXPIRY_INTERVAL: Duration = Duration::from_mins(1);

/// From the end of a routine after linking to its outcome being stored. A webhook waits no longer for it.
pub const ROUTINE_MARGIN: Duration = Duration::from_secs(5);

/// How often the plan of refreshes is looked at: late by no more than this.
pub const REFRESH_POLL: Duration = Duration::from_secs(1);

/// Connections taken off the plan at once: one short transaction.
pub const REFRESH_BATCH: usize = 32;

/// How long a connection stays off the plan: its flight takes less, and a process that died gives it back.
pub const REFRESH_CLAIM: Duration = Duration::from_mins(4);

/// Planned refreshes of one process at once, some 30 KiB each: four providers' shares.
pub const REFRESHES_AT_ONCE: usize = 256;

/// How often idle keys are looked at that are due to be tested: a day may be a minute longer.
pub const IDLE_CHECK_POLL: Duration = Duration::from_mins(1);

/// Idle keys that one round takes; each provider among them is asked one test at a time.
pub const IDLE_CHECK_BATCH: i64 = 32;

/// Providers asked at once.
pub const IDLE_CHECK_PROVIDERS: usize = 8;

/// How long an idle key stays with the process that took it: longer than a whole batch of one provider takes.
pub const IDLE_CHECK_CLAIM: Duration = Duration::from_mins(20);

/// How often revocations are looked at: a service hears of a deletion within this.
pub const REVOCATION_POLL: Duration = Duration::from_secs(2);

/// Services told at once.
pub const REVOCATION_BATCH: usize = 8;

/// Connections of a deleted integration that are opened at once to tell their service, some 4 KiB each.
pub const REVOCATION_PAGE: i64 = 200;

/// How long a revocation stays with the process that took it: longer than its request.
pub const REVOCATION_CLAIM: Duration = Duration::from_mins(2);

/// Attempts before a revocation is given up: with the waits between them some two days.
pub const REVOCATION_ATTEMPTS: i64 = 20;

/// The wait after a first failed revocation, doubled up to [`REVOCATION_RETRY_MOST`].
pub const REVOCATION_RETRY_FIRST: Duration = Duration::from_secs(30);

/// The longest wait between two attempts.
pub const REVOCATION_RETRY_MOST: Duration = Duration::from_hours(4);

/// Tunnels of proxied calls that changed their protocol (WebSocket) at once, each about 40 KiB and two sockets.
pub const MAX_TUNNELS: usize = 4096;

/// How long neither side of a tunnel may say anything: WebSocket servers ping within a minute or two.
pub const TUNNEL_IDLE_TIMEOUT: Duration = Duration::from_mins(10);

/// Bytes of a service's refusal that are kept for the log: enough for any message a person reads, small enough for
/// 10 000 refused calls at once. Larger ones are left out.
pub const LOGGED_ERROR_BYTES: usize = 16 * 1024;

/// Connections of one integration that wait for somebody at the provider and are looked through when it announces
/// something: more than an organization has requests open.
pub const PENDING_CONNECTIONS: i64 = 1_000;

/// Header fields that an answer has room for from the start: a handler's own and those that every answer gets. Growing
/// the map three times on the way would cost more than filling it.
pub(crate) const RESPONSE_HEADERS: usize = 24;
