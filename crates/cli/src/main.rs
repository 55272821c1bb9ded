//! The binary `dovetail`.
#![expect(unreachable_pub, reason = "a binary has no outside: `pub` marks what a module offers the others")]

mod args;
mod banner;
mod commands;
mod config;
mod key_file;
mod logging;
mod shutdown;

use std::process::ExitCode;

use args::{CatalogCommand, Cli, Command};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        None => commands::serve::run(&cli.serve),
        Some(Command::Serve(args)) => commands::serve::run(&args),
        Some(Command::Migrate(args)) => commands::migrate::run(&args),
        Some(Command::Mock(args)) => commands::mock::run(&args),
        Some(Command::Keys(command)) => commands::keys::run(&command),
        Some(Command::Healthcheck(args)) => commands::healthcheck::run(&args),
        Some(Command::Doctor(args)) => commands::doctor::run(&args),
        Some(Command::Catalog(CatalogCommand::Lint(args))) => commands::catalog::lint::run(&args),
        Some(Command::Catalog(CatalogCommand::New(args))) => commands::catalog::new::run(&args),
        Some(Command::Config) => commands::config::run(),
        Some(Command::Completions { shell }) => commands::completions::run(shell),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            commands::say::error(&error);
            ExitCode::FAILURE
        }
    }
}
