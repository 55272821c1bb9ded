//! `dovetail migrate`: the schema of this version, without serving.

use std::process::ExitCode;

use super::{open, say};
use crate::args::ServeArgs;
use crate::logging;

/// Opens the database, which migrates it under a lock, and says so.
pub fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let config = open::config(args)?;
    logging::install(&config.log);
    open::runtime()?.block_on(async {
        let (clock, random) = open::clock_and_random();
        let (store, _) = open::store(&config.storage, clock, random).await?;
        say::line(format!(
            "The {} database has the schema of version {}.",
            store.database(),
            env!("CARGO_PKG_VERSION")
        ));
        store.close().await;
        Ok(ExitCode::SUCCESS)
    })
}
