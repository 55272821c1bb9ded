//! Every bound of this room, with its unit and its reason.

use std::time::Duration;

/// One request that tests credentials, redirects and body included. A person is waiting in front of the form.
pub const TEST_DEADLINE: Duration = Duration::from_secs(20);

/// All requests of one test together; a definition may list several endpoints.
pub const TEST_TOTAL: Duration = Duration::from_secs(30);

/// Endpoints of one test that are tried. No definition lists more than two.
pub const TEST_ENDPOINTS: usize = 4;

/// Bytes of a test's answer that are read: enough for the provider's error sentence.
pub const TEST_ANSWER_BYTES: usize = 64 * 1024;

/// Redirects followed by one request of a test (auth-modes.md section 22).
pub const TEST_REDIRECTS: u8 = 5;

/// Characters of the provider's own sentence that are passed on (auth-modes.md section 22).
pub const DETAIL_CHARS: usize = 200;

/// One request to a token endpoint, its body included: shorter than [`ASK_DEADLINE`], and longer than the 25 seconds
/// that slow providers take (auth-modes.md 28.6).
pub const TOKEN_DEADLINE: Duration = Duration::from_secs(35);

/// Bytes of a token endpoint's answer that are read. ID tokens with many groups reach some 20 kB.
pub const TOKEN_ANSWER_BYTES: usize = 512 * 1024;

/// Random bytes of a PKCE verifier, written as hexadecimal digits: RFC 7636 section 4.1 asks for 43 to 128 characters.
pub const VERIFIER_BYTES: usize = 32;

/// Letters and digits of an OAuth 1 nonce (auth-modes.md section 5).
pub const NONCE_CHARS: usize = 32;

/// Lifetime of a client assertion (RFC 7523 section 3): enough for clocks that are a little off.
pub const CLIENT_ASSERTION_LIFETIME: Duration = Duration::from_mins(5);

/// Characters of an OAuth error code that are passed on; those of RFC 6749 and its kin are shorter.
pub const ERROR_CODE_CHARS: usize = 64;

/// How long before its end a token is renewed when the definition says nothing (auth-modes.md 21.2).
pub const REFRESH_MARGIN: Duration = Duration::from_mins(15);

/// The shortest margin: a token must outlive the call it was read for.
pub const REFRESH_MARGIN_LEAST: Duration = Duration::from_secs(30);

/// A token request from sending to its last byte. Slow token endpoints take half of it; what is not answered then
/// is not heard any more.
pub const ASK_DEADLINE: Duration = Duration::from_secs(40);

/// From reading the row to sending the token request: a holder that was stopped for longer gives its lease back.
pub const ASK_BUDGET: Duration = Duration::from_secs(5);

/// How long a lease has to be seen standing still before it counts as left behind: budget, deadline, and as long
/// again for storing the answer while the database fails.
pub const LEASE_SPAN: Duration = Duration::from_secs(90);

/// Between two looks at a standing lease; after a longer gap the watch begins anew, because the holder may have been
/// cut off from the database as well.
pub const WATCH_GAP: Duration = Duration::from_secs(5);

/// The first wait between two looks at another holder's lease, doubled up to [`WATCH_POLL_MOST`].
pub const WATCH_POLL_FIRST: Duration = Duration::from_millis(50);

/// The longest wait between two looks: below [`WATCH_GAP`] by more than a slow read.
pub const WATCH_POLL_MOST: Duration = Duration::from_secs(1);

/// The longest that one flight watches: a holder that crashed, and another one after it.
pub const WATCH_TOTAL: Duration = Duration::from_secs(200);

/// The first wait before a failed write is tried again, doubled up to [`STORE_RETRY_MOST`].
pub const STORE_RETRY_FIRST: Duration = Duration::from_millis(50);

/// The longest wait before a failed write is tried again: many attempts fit before a lease counts as left behind.
pub const STORE_RETRY_MOST: Duration = Duration::from_secs(2);

/// Failed database calls before a flight that holds no new credentials gives up.
pub const STORE_TRIES: u32 = 6;

/// One database call of a flight; then its outcome counts as unknown.
pub const STORE_DEADLINE: Duration = Duration::from_secs(5);

/// The first wait after a failed refresh (auth-modes.md 21.5), doubled up to [`BACKOFF_MOST`].
pub const BACKOFF_FIRST: Duration = Duration::from_secs(30);

/// The longest wait of our own after a failed refresh (auth-modes.md 21.5).
pub const BACKOFF_MOST: Duration = Duration::from_mins(15);

/// The longest wait that a provider's `Retry-After` is believed for.
pub const RETRY_AFTER_MOST: Duration = Duration::from_hours(1);

/// Calendar days with failures that asking again does not mend, after which refreshing is given up
/// (auth-modes.md 21.5).
pub const FAILURE_DAYS: u32 = 4;

/// How far the clock of another replica may be ahead before its times are not believed.
pub const CLOCK_SLACK: Duration = Duration::from_mins(5);

/// What belongs to renewed credentials (a second token, how long they live): asked for after they are stored, while
/// the caller waits.
pub const COMPANY_TOTAL: Duration = Duration::from_secs(5);

/// Shorter lives that a service tells or a 401 suggests are not believed: a 401 so soon is about the call, and the plan
/// would renew without an end.
pub const LEARNED_LIFE_LEAST: Duration = Duration::from_mins(10);

/// How long credentials that were renewed because of a 401 are not renewed for another one: it is not their age.
pub const REFUSED_PAUSE: Duration = Duration::from_mins(1);

/// Connections of one process that are remembered for that; beyond it all are forgotten.
pub const REFUSED_REMEMBERED: usize = 4096;

/// How often a grant that nobody uses is renewed, so that its refresh token does not die of age (auth-modes.md 21.7).
pub const KEEP_ALIVE: Duration = Duration::from_hours(24);

/// How long keys and passwords that nobody uses go untested (auth-modes.md 21.7).
pub const IDLE_CHECK: Duration = Duration::from_hours(24);

/// How far the tests of credentials that were linked together lie apart.
pub const IDLE_CHECK_SPREAD: Duration = Duration::from_hours(1);

/// How long a caller waits for a flight: the deadline of the provider and the writes around it. The flight goes on.
pub const CALLER_WAIT: Duration = Duration::from_secs(45);

/// Flights of one process at once, some 20 KiB each; beyond it callers are told to come back.
pub const FLIGHTS: usize = 2048;

/// Token requests of one process to one provider at once: at 200 ms each some 300 a second.
pub const PROVIDER_BUDGET: usize = 64;

/// Of [`PROVIDER_BUDGET`], what the background may use: readers never queue behind it.
pub const BACKGROUND_BUDGET: usize = 56;

/// How long shutdown waits for flights that have asked a provider.
pub const SETTLE: Duration = Duration::from_secs(25);

/// How often a caller whose wish a flight did not answer starts another.
pub const FLIGHTS_PER_CALLER: usize = 3;

/// A whole routine after an account was linked, all its requests together: the person waits for it, and the account
/// is stored already (auth-modes.md section 2.5).
pub const ROUTINE_TOTAL: Duration = Duration::from_secs(10);

/// Bytes of an answer to a routine that are read. Lists of sites with all their scopes reach some 100 kB.
pub const ROUTINE_ANSWER_BYTES: usize = 1024 * 1024;

/// One call that revokes what a deleted connection held: a provider that is down is tried again later.
pub const REVOKE_DEADLINE: Duration = Duration::from_secs(10);

/// Bytes of a metadata document that are read (RFC 8414, RFC 9728); known ones stay below 20 kB.
pub const MCP_DOCUMENT_BYTES: usize = 256 * 1024;

/// Redirects followed on the way to a metadata document.
pub const MCP_REDIRECTS: u8 = 3;
