//! Bounds of the store, with their reasons.

use std::time::Duration;

/// Readers of a SQLite file, a thread each: what every request reads comes from memory, so few are busy.
pub const SQLITE_READERS: u32 = 4;
/// Page cache of one SQLite connection, in KiB: five connections stay below 6 MiB together.
pub const SQLITE_CACHE_KIB: u32 = 1024;
/// Connections to PostgreSQL of one process: some replicas together stay below its default of 100.
pub const POSTGRES_CONNECTIONS: u32 = 20;
/// How long a request waits for a connection to the database before it fails.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long SQLite waits for a lock held by another process (`dovetail migrate`, a backup).
pub const SQLITE_BUSY_TIMEOUT_MS: u64 = 10_000;
/// Live API keys of one environment, and of the account (http-api 1.6).
pub const MAX_API_KEYS: i64 = 50;
/// How often the use of a key or connection is written down: a write for every read would halve throughput.
pub const TOUCH_INTERVAL: Duration = Duration::from_mins(1);
/// Uses remembered between two writes (about 5 MiB); beyond it further ones are not noted.
pub const MAX_PENDING_TOUCHES: usize = 100_000;
/// Changes a slow subscriber may lag behind before it is told to forget everything.
pub const CHANGE_BUFFER: usize = 4096;
/// Waits between attempts to listen to PostgreSQL again.
pub const LISTEN_RETRY: Duration = Duration::from_secs(1);
/// How long a replaced signing key signs along with the new one.
pub const SIGNING_KEY_OVERLAP: Duration = Duration::from_hours(24);
/// Rows one purge statement deletes: short transactions let requests in between.
pub const PURGE_BATCH: i64 = 1000;
/// How long a connect session is kept after it expired (connect.md 2.1): support can still see it.
pub const SESSION_RETENTION: Duration = Duration::from_hours(31 * 24);
/// How long the outcome of an attempt to link an account can be asked for after the attempt's time is over.
pub const FLOW_RETENTION: Duration = Duration::from_hours(1);
/// How long the activity log is kept (observability.md 3).
pub const OPERATION_RETENTION: Duration = Duration::from_hours(15 * 24);
/// How long delivered webhooks are kept for the delivery log.
pub const DELIVERED_RETENTION: Duration = Duration::from_hours(15 * 24);
/// Connections in one answer when the caller names no limit (http-api 2.7).
pub const DEFAULT_PAGE: i64 = 10_000;
/// How long a cache may use a copy when no change was heard: the fallback when a notice is lost.
pub const MAX_STALENESS: Duration = Duration::from_secs(30);
/// API keys and environments kept in memory, each about 300 bytes.
pub const MAX_CACHED_KEYS: u64 = 4096;
/// Connections kept in memory, sealed, each about 2 KiB.
pub const MAX_CACHED_CONNECTIONS: u64 = 8192;
/// OAuth clients kept for one integration: an end user may name any MCP server, and each is one.
pub const MAX_REGISTERED_CLIENTS: i64 = 500;
/// Rows that one transaction of a data key's replacement seals again: it holds SQLite's writer about 10 ms.
pub const RESEAL_BATCH: i64 = 500;
