//! `dovetail keys`: which keys protect the data, and an API key on request.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use dovetail_model::{KeyLimits, Scope, Scopes, Tags, Timestamp};
use dovetail_store::{api_keys, data_keys, environments};

use super::{open, say};
use crate::args::{KeyRights, KeysCommand, ServeArgs};

/// Runs one of the commands.
pub fn run(command: &KeysCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeysCommand::Status(args) => open::runtime()?.block_on(status(args)),
        KeysCommand::Create { environment, account, name, rights, serve } => {
            let environment = (!account).then_some(environment.as_str());
            open::runtime()?.block_on(create(environment, name, rights, serve))
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

/// Makes a key of one environment, or of the account, and prints it, this once.
async fn create(
    environment: Option<&str>,
    name: &str,
    rights: &KeyRights,
    args: &ServeArgs,
) -> anyhow::Result<ExitCode> {
    let config = open::config(args)?;
    let (clock, random) = open::clock_and_random();
    let limits = limits(rights, clock.now())?;
    let scopes = scopes(&rights.scope, environment.is_some())?;
    let (store, _) = open::store(&config.storage, clock, random).await?;
    let mut tx = store.begin().await?;
    let environment = match environment {
        None => None,
        Some(environment) => {
            let found = environments::by_name(&mut tx, environment).await?;
            Some(found.with_context(|| format!("there is no environment `{environment}`"))?.id)
        }
    };
    let created = api_keys::create(&mut tx, environment, name, &scopes, &limits).await?;
    tx.commit().await?;
    say::line(created.secret.expose());
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The scopes asked for; without any, everything.
fn scopes(asked: &[Scope], of_environment: bool) -> anyhow::Result<Scopes> {
    if let Some(other) = asked.iter().find(|scope| scope.needs_environment() != of_environment) {
        bail!(
            "`{other}` is not a scope of {}",
            if of_environment { "an environment" } else { "the account" }
        );
    }
    let all = if of_environment { Scope::ENVIRONMENT } else { Scope::ACCOUNT };
    Ok(Scopes::new(if asked.is_empty() { vec![all] } else { asked.to_vec() }))
}

/// The limits asked for. None are missing: a limit without an entry is no limit.
fn limits(asked: &KeyRights, now: Timestamp) -> anyhow::Result<KeyLimits> {
    let tags =
        asked.tag.iter().map(|tag| tag.split_once('=').with_context(|| format!("`{tag}` is not NAME=VALUE")));
    let expires_at = asked.expires.as_deref().map(|text| end(text, now)).transpose()?;
    let limits = KeyLimits {
        integrations: some(asked.integration.iter().cloned()),
        tags: Tags::parse(tags.collect::<anyhow::Result<Vec<_>>>()?)?,
        methods: some(asked.method.iter().copied()),
        paths: some(asked.path.iter().cloned()),
        expires_at,
        requests_per_minute: asked.rate,
        use_only: asked.use_only,
    };
    Ok(limits.validated()?)
}

fn some<T: Ord>(entries: impl Iterator<Item = T>) -> Option<BTreeSet<T>> {
    Some(entries.collect::<BTreeSet<T>>()).filter(|entries| !entries.is_empty())
}

fn end(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    let end = match text.parse::<u32>() {
        Ok(days) => Some(now.plus(Duration::from_hours(24 * u64::from(days)))),
        Err(_) => Timestamp::parse(text),
    };
    let end = end.with_context(|| format!("`{text}` is neither a number of days nor an instant"))?;
    if end <= now {
        bail!("`{text}` is over already");
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_become_limits_and_what_is_wrong_is_named() {
        let asked = KeyRights {
            integration: vec!["coda".to_owned()],
            tag: vec!["team=ops".to_owned()],
            path: vec!["/docs/*".parse().unwrap()],
            expires: Some("1".to_owned()),
            ..KeyRights::default()
        };
        assert_eq!(
            serde_json::to_string(&limits(&asked, Timestamp(0)).unwrap()).unwrap(),
            r#"{"integrations":["coda"],"tags":{"team":"ops"},"paths":["/docs/*"],"expires_at":"1970-01-02T00:00:00.000Z"}"#
        );
        assert!(limits(&KeyRights::default(), Timestamp(0)).unwrap().is_none());
        for (tag, expires) in
            [("team", None), ("team=ops", Some("soon")), ("team=ops", Some("1969-01-01T00:00:00Z"))]
        {
            let asked = KeyRights {
                tag: vec![tag.to_owned()],
                expires: expires.map(str::to_owned),
                ..KeyRights::default()
            };
            assert!(limits(&asked, Timestamp(0)).is_err(), "{tag} {expires:?}");
        }
        assert!(scopes(&[Scope::ACCOUNT], true).is_err() && scopes(&[Scope::PROXY], false).is_err());
        assert_eq!(scopes(&[], true).unwrap(), Scopes::full_environment());
    }
}
