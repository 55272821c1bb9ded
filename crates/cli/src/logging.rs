//! Where log lines go.

use tracing_subscriber::EnvFilter;

use crate::config::log::LogConfig;

/// Installs the log for this process: to standard error, as text or JSON.
pub fn install(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let installed = if config.json {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init()
    };
    // Only fails when a test installed one already.
    installed.ok();
}
