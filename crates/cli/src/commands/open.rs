//! What several commands open: settings, runtime, keys, database, catalogue.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use dovetail_catalog::CatalogHandle;
use dovetail_model::{Clock, Random, SystemClock, SystemRandom};
use dovetail_store::{OpenError, Store, StoreConfig};
use dovetail_vault::{KeyRing, RootKey};

use crate::args::ServeArgs;
use crate::config::Config;
use crate::config::storage::StorageConfig;
use crate::config::strings::ProcessEnvironment;
use crate::key_file;

/// Name of the embedded database in the data folder.
const DATABASE_FILE: &str = "dovetail.db";

/// Reads all settings from flags, file and the process environment.
pub fn config(args: &ServeArgs) -> anyhow::Result<Config> {
    Ok(Config::load(args.settings(), args.config.as_deref(), &ProcessEnvironment)?)
}

/// The runtime every command runs on.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime did not start")
}

/// The clock and the source of randomness of a real process.
pub fn clock_and_random() -> (Arc<dyn Clock>, Arc<dyn Random>) {
    (Arc::new(SystemClock), Arc::new(SystemRandom))
}

/// Where the root key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// `encryption_key` was given.
    Setting,
    /// The key file was there.
    File,
    /// The key file was made just now, beside an empty database.
    NewFile,
}

/// Which database the settings name.
pub fn store_config(storage: &StorageConfig) -> anyhow::Result<StoreConfig> {
    Ok(match &storage.database_url {
        Some(url) => StoreConfig::from_url(url)?,
        None => StoreConfig::sqlite(&storage.data_dir.join(DATABASE_FILE)),
    })
}

/// The root key: the setting, else the key file. A key file is made only beside an empty database.
pub async fn root_key(storage: &StorageConfig, random: &dyn Random) -> anyhow::Result<(RootKey, KeyOrigin)> {
    if let Some(key) = &storage.encryption_key {
        return Ok((key.clone(), KeyOrigin::Setting));
    }
    let folder = &storage.data_dir;
    if let Some(key) = key_file::read(folder)? {
        return Ok((key, KeyOrigin::File));
    }
    if let Some(id) = Store::root_key_in_use(&store_config(storage)?).await? {
        anyhow::bail!(
            "the encryption key is missing: the data is sealed under key {id}, but there is no {} and \
             DOVETAIL_ENCRYPTION_KEY is not set.\n  Restore {} from your backup, or set DOVETAIL_ENCRYPTION_KEY.\n  \
             If the data may be lost, start with an empty data folder instead.",
            folder.join(key_file::NAME).display(),
            key_file::NAME,
        );
    }
    create_folder(folder)?;
    Ok((key_file::create(folder, random)?, KeyOrigin::NewFile))
}

/// Opens the database with its key, bringing the schema up to date.
pub async fn store(
    storage: &StorageConfig,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> anyhow::Result<(Store, KeyOrigin)> {
    if storage.database_url.is_none() {
        create_folder(&storage.data_dir)?;
    }
    let (key, origin) = root_key(storage, &*random).await?;
    match Store::open(&store_config(storage)?, KeyRing::new(&key), clock, random).await {
        Ok(store) => Ok((store, origin)),
        Err(error) => {
            if origin == KeyOrigin::NewFile && matches!(error, OpenError::WrongKey(_)) {
                // Another server seeded this database under its own key meanwhile; ours protects nothing.
                key_file::discard(&storage.data_dir)?;
            }
            Err(explain(error, &storage.data_dir))
        }
    }
}

/// Says what to do about a database that does not open.
fn explain(error: OpenError, folder: &Path) -> anyhow::Error {
    if let OpenError::WrongKey(unknown) = &error {
        return anyhow::anyhow!(
            "the encryption key is wrong: {unknown}.\n  Set DOVETAIL_ENCRYPTION_KEY to the key this data was \
             sealed under, or restore {} in {}.\n  Nothing was changed.",
            key_file::NAME,
            folder.display(),
        );
    }
    anyhow::Error::new(error).context("the database did not open")
}

/// The embedded catalogue with the operator's overlay over it. A bad file is refused by itself and told about.
pub fn catalog(overlay: Option<&Path>) -> CatalogHandle {
    CatalogHandle::open(overlay.map(Path::to_path_buf))
}

fn create_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    // 0700: the database holds hashes and sealed values that are nobody else's business.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))
}
