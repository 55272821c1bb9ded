//! Bounds of the values in this room, with their reasons.

/// Tags a connection may carry: they are indexed one row each, and copied into every webhook.
pub const MAX_TAGS: usize = 10;
/// Characters of a tag's key (http-api 1.11).
pub const MAX_TAG_KEY: usize = 64;
/// Characters of a tag's value (http-api 1.11).
pub const MAX_TAG_VALUE: usize = 255;
/// Characters of a name a caller chooses (http-api 1.11): it fits an index entry of either database.
pub const MAX_NAME: usize = 255;
/// Milliseconds a connect session lives (http-api 2.6): long enough to look up a key at the service, short
/// enough that a leaked link is soon worthless.
pub const CONNECT_SESSION_TTL_MS: i64 = 30 * 60 * 1000;
/// Bytes of a logo shown on the Connect page: it is sent with every first visit.
pub const MAX_LOGO_BYTES: usize = 256 * 1024;
/// Levels of nesting that redaction follows; deeper values are replaced. Nobody reads deeper.
pub const REDACTION_DEPTH: usize = 16;
/// Bytes of the shortest secret that is looked for in other values: shorter ones would take ordinary words away.
pub const SHORTEST_REDACTED: usize = 6;
/// Integrations one API key may be limited to: the list is read with every use of the key.
pub const MAX_KEY_INTEGRATIONS: usize = 200;
/// Path patterns of one API key: each call is compared with all of them.
pub const MAX_KEY_PATHS: usize = 100;
/// Bytes of one path pattern: longer than any documented path of a service.
pub const MAX_PATH_PATTERN: usize = 512;
/// Largest rate of one API key, in requests a minute: more than a server answers.
pub const MAX_KEY_RATE: u32 = 1_000_000;
