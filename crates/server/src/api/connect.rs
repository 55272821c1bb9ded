//! `/connect/…`: sessions, the session as the Connect page sees it, its telemetry.

mod sessions;
