//! Where data and keys are kept.

use std::path::PathBuf;

use dovetail_model::Secret;
use dovetail_vault::RootKey;

use super::reader::{Reader, Setting};

/// `data_dir`.
pub const DATA_DIR: Setting = Setting { key: "data_dir", env: "DOVETAIL_DATA_DIR", aliases: &[] };
/// `database_url`.
pub const DATABASE_URL: Setting =
    Setting { key: "database_url", env: "DOVETAIL_DATABASE_URL", aliases: &["NANGO_DATABASE_URL"] };
/// `encryption_key`.
pub const ENCRYPTION_KEY: Setting =
    Setting { key: "encryption_key", env: "DOVETAIL_ENCRYPTION_KEY", aliases: &["NANGO_ENCRYPTION_KEY"] };

/// Data folder, database and root key.
#[derive(Debug)]
pub struct StorageConfig {
    /// Folder of the key file and the embedded database.
    pub data_dir: PathBuf,
    /// PostgreSQL URL; `None` means SQLite in `data_dir`. A secret, since it holds a password.
    pub database_url: Option<Secret>,
    /// Root key when one was given; `None` means the key file in `data_dir`.
    pub encryption_key: Option<RootKey>,
}

impl StorageConfig {
    /// Reads the settings of this topic.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let data_dir = reader
            .text(&DATA_DIR)
            .map_or_else(|| PathBuf::from("./dovetail-data"), |given| given.value.into());
        let database_url = reader
            .parsed(&DATABASE_URL, |text| {
                if text.starts_with("postgres://") || text.starts_with("postgresql://") {
                    Ok(Secret::from(text.to_owned()))
                } else {
                    Err("expected a URL that starts with postgres:// (leave it out for the embedded database)".to_owned())
                }
            })
            .map(|given| given.value);
        let encryption_key = reader.parsed(&ENCRYPTION_KEY, parse_root_key).map(|given| given.value);
        Self { data_dir, database_url, encryption_key }
    }
}

fn parse_root_key(text: &str) -> Result<RootKey, String> {
    RootKey::from_base64(&Secret::from(text))
        .map_err(|error| format!("{error}; `openssl rand -base64 32` makes one"))
}
