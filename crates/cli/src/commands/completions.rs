//! `dovetail completions`: a script that completes commands in a shell.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;

/// Prints the script.
pub fn run(shell: Shell) -> anyhow::Result<ExitCode> {
    clap_complete::generate(shell, &mut Cli::command(), "dovetail", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}
