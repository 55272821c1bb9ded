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
