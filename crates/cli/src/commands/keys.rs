//! `dovetail keys`: which keys protect the data, and an API key on request.

use std::process::ExitCode;

use anyhow::Context as _;
use dovetail_model::{KeyLimits, Scope, Scopes};
use dovetail_store::{api_keys, data_keys, environments};

use super::{open, say};
use crate::args::{KeysCommand, ServeArgs};

/// Runs one of the commands.
pub fn run(command: &KeysCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeysCommand::Status(args) => open::runtime()?.block_on(status(args)),
        KeysCommand::Create { environment, account, name, serve } => {
            let environment = (!account).then_some(environment.as_str());
            open::runtime()?.block_on(create(environment, name, serve))
        }
    }
}

/// Shows the root key's id and every data key. Ids are derived one way: they tell nothing about a key.
async fn status(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let config = open::config(args)?;
    let (clock, random) = open::clock_and_random();
    let (store, origin) = open::store(&config.storage, clock, random).await?;
    let origin = match origin {
        open::KeyOrigin::Setting => "DOVETAIL_ENCRYPTION_KEY".to_owned(),
        open::KeyOrigin::File | open::KeyOrigin::NewFile => {
            config.storage.data_dir.join(crate::key_file::NAME).display().to_string()
        }
    };
    let current = store.ring().current_id().to_string();
    say::line(format!("Root key {current}, from {origin}"));
    let mut reader = store.read().await?;
    let environments = environments::list(&mut reader).await?;
    let keys = data_keys::list(&mut reader).await?;
    say::line(format!(
        "{:<16} {:<8} {:<10} {:<18} {}",
        "ENVIRONMENT", "KEY", "STATE", "WRAPPED BY", "CREATED"
    ));
    for key in &keys {
        let name = environments
            .iter()
            .find(|environment| environment.id == key.environment)
            .map_or("(deleted)", |environment| environment.name.as_str());
        let state = format!("{:?}", key.state).to_lowercase();
        say::line(format!(
            "{name:<16} {:<8} {state:<10} {:<18} {}",
            key.id.0,
            key.root_key,
            key.created_at.iso_z()
        ));
    }
    let stale = keys.iter().filter(|key| key.root_key != current).count();
    if stale > 0 {
        say::line(format!("{stale} data keys are still wrapped by an earlier root key."));
    }
    drop(reader);
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Makes a key with every scope of one environment, or of the account, and prints it, this once.
async fn create(environment: Option<&str>, name: &str, args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let config = open::config(args)?;
    let (clock, random) = open::clock_and_random();
    let (store, _) = open::store(&config.storage, clock, random).await?;
    let mut tx = store.begin().await?;
    let created = match environment {
        None => {
            api_keys::create(&mut tx, None, name, &Scopes::new([Scope::ACCOUNT]), &KeyLimits::default())
                .await?
        }
        Some(environment) => {
            let found = environments::by_name(&mut tx, environment).await?;
            let found = found.with_context(|| format!("there is no environment `{environment}`"))?;
            api_keys::create(
                &mut tx,
                Some(found.id),
                name,
                &Scopes::full_environment(),
                &KeyLimits::default(),
            )
            .await?
        }
    };
    tx.commit().await?;
    say::line(created.secret.expose());
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
