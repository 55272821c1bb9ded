//! What is logged and in which form.

use tracing_subscriber::EnvFilter;

use super::reader::{Reader, Setting};

/// `log`.
pub const LOG: Setting = Setting { key: "log", env: "DOVETAIL_LOG", aliases: &[] };
/// `json_logs`.
pub const JSON_LOGS: Setting = Setting { key: "json_logs", env: "DOVETAIL_JSON_LOGS", aliases: &[] };

/// Filter and form of the log.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// Filter in the syntax of tracing.
    pub filter: String,
    /// One JSON object a line.
    pub json: bool,
}

impl LogConfig {
    /// Reads the settings of this topic.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let filter = reader
            .parsed(&LOG, |text| {
                EnvFilter::try_new(text)
                    .map(|_| text.to_owned())
                    .map_err(|error| format!("not a log filter: {error}"))
            })
            .map_or_else(|| "info".to_owned(), |given| given.value);
        Self { filter, json: reader.switch(&JSON_LOGS) }
    }
}
