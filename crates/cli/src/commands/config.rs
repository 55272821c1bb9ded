//! `dovetail config`: every setting with its meaning and default.

use std::process::ExitCode;

use super::say;
use crate::config::reader::DEFAULTS;

/// Prints the embedded file, which is a valid configuration file itself.
pub fn run() -> anyhow::Result<ExitCode> {
    say::line(DEFAULTS.trim_end());
    Ok(ExitCode::SUCCESS)
}
