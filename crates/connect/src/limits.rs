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

/// One request to a token endpoint, its body included: shorter than the lease of a refresh (auth-modes.md 21.4).
pub const TOKEN_DEADLINE: Duration = Duration::from_secs(20);

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
