//! The only place that prints: what a command says to the person who ran it.

use std::io::Write as _;

/// Prints one line to standard output. A closed pipe is not an error of ours.
pub fn line(text: impl AsRef<str>) {
    writeln!(std::io::stdout(), "{}", text.as_ref()).ok();
}

/// Prints why a command failed, with its causes, to standard error.
pub fn error(error: &anyhow::Error) {
    let mut out = std::io::stderr();
    writeln!(out, "dovetail: {error}").ok();
    for cause in error.chain().skip(1) {
        writeln!(out, "  because: {cause}").ok();
    }
}
