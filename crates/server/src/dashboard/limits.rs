//! Bounds of the dashboard: each with its unit and its reason.

use std::time::Duration;

use dovetail_model::limits::MAX_LOGO_BYTES;

/// Failed sign-ins on one account before it is closed until the window ends.
/// Enough for a forgotten password, far too few to guess one.
pub(crate) const SIGN_IN_ACCOUNT_FAILURES: u32 = 10;
/// Failed sign-ins from one address before it is refused: several people may
/// share an office address.
pub(crate) const SIGN_IN_ADDRESS_FAILURES: u32 = 50;
/// Length of the window in which failures are counted.
pub(crate) const SIGN_IN_WINDOW: Duration = Duration::from_mins(15);
/// Accounts and addresses remembered at once; bounds memory (about 1 MB).
pub(crate) const SIGN_IN_TRACKED_KEYS: u64 = 10_000;

/// A session ends this long after sign-in, whatever happens: a stolen cookie does not live for ever.
pub(crate) const SESSION_ABSOLUTE: Duration = Duration::from_hours(14 * 24);
/// A session ends after this long without a request: a forgotten browser is not an open door.
pub(crate) const SESSION_IDLE: Duration = Duration::from_hours(12);
/// The last use of a session is written at most this often: reading a page should not cost a write.
pub(crate) const SESSION_TOUCH: Duration = Duration::from_mins(1);

/// Largest body of a dashboard form, in bytes. Metadata is the largest field.
pub(crate) const FORM_BYTES: usize = 256 * 1_024;
/// Largest upload request, in bytes: a logo and the multipart framing around it.
pub(crate) const UPLOAD_BYTES: usize = MAX_LOGO_BYTES + 16 * 1_024;

/// Rows on one page of a list.
pub(crate) const PAGE_ROWS: u32 = 25;
/// Largest page number accepted from the URL; keeps offsets small.
pub(crate) const MAX_PAGE: u32 = 100_000;
/// Longest search text taken from the URL, in characters.
pub(crate) const SEARCH_CHARS: usize = 200;
/// How long the chosen theme is remembered: a year, then it is asked of the device again.
pub(crate) const THEME_COOKIE: Duration = Duration::from_hours(365 * 24);
/// How long a form before sign-in stays valid: a day, longer than anybody leaves it open.
pub(crate) const DOOR_COOKIE: Duration = Duration::from_hours(24);
/// Services shown on one page of the catalogue: a screen or three, and a small page.
pub(crate) const CATALOGUE_TILES: usize = 60;
/// Operations shown in the timeline of a connection.
pub(crate) const TIMELINE_ENTRIES: i64 = 30;
/// Longest name of a product on its Connect page, in characters: it stands in one heading.
pub(crate) const APP_NAME_CHARS: usize = 100;
/// Longest body of a webhook shown on a page, in bytes.
pub(crate) const SHOWN_BODY_BYTES: usize = 64 * 1_024;
/// Longest value of an environment variable, in bytes: a PEM key fits.
pub(crate) const VARIABLE_BYTES: usize = 8 * 1_024;
/// Variables of one environment: they are read together.
pub(crate) const MAX_VARIABLES: usize = 200;
/// Messages of one operation shown on its page: more than anything of this version writes.
pub(crate) const SHOWN_MESSAGES: i64 = 500;
/// Characters of a first password: about 119 bits, and still typed in a pinch.
pub(crate) const FIRST_PASSWORD_CHARS: usize = 20;
/// Most rows of an exported audit trail (observability.md 9).
pub(crate) const EXPORT_ROWS: usize = 50_000;
/// Rows of an exported audit trail that are read at once.
pub(crate) const EXPORT_BATCH: i64 = 1_000;
/// Characters kept of a browser's `User-Agent`: enough to recognise it.
pub(crate) const USER_AGENT_CHARS: usize = 256;
