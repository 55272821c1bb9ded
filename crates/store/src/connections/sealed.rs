//! A connection as it is stored, and opening it.

use std::sync::Arc;
use std::time::Duration;

use dovetail_model::{Connection, ConnectionInfo, Credentials, EnvironmentId};
use dovetail_vault::{Context, EnvironmentKeys, Sealed};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use super::TABLE;
use super::refresh::StandingLease;
use super::row::read_info;
use crate::row::{Columns, from_json};
use crate::{Db, StoreError, keys};

/// A connection whose secrets are still sealed: what a cache may hold. It opens without the database.
#[derive(Clone, Debug)]
pub struct SealedConnection {
    /// All that is not sealed.
    pub info: ConnectionInfo,
    /// Configuration that is not secret.
    pub public_config: Map<String, Value>,
    /// Counts replacements of the credentials.
    pub version: i64,
    /// Who is refreshing the credentials, when the row was read.
    pub lease: Option<StandingLease>,
    /// After what time the service once refused credentials whose end it does not tell.
    pub learned_life: Option<Duration>,
    config_secret: Option<Sealed>,
    credentials: Sealed,
    keys: Arc<EnvironmentKeys>,
}

impl SealedConnection {
    pub(super) async fn read(db: &mut impl Db, row: &AnyRow) -> Result<Self, StoreError> {
        let info = read_info(row)?;
        let keys = keys::of(db, info.environment).await?;
        let sealed = Self {
            public_config: from_json(TABLE, info.id.0, "config", &row.text("config")?)?,
            version: row.int("version")?,
            lease: StandingLease::read(row)?,
            learned_life: row
                .opt_int("credentials_learned_life")?
                .and_then(|ms| u64::try_from(ms).ok())
                .map(Duration::from_millis),
            config_secret: row.opt_sealed("config_secret")?,
            credentials: row.sealed("credentials")?,
            info,
            keys,
        };
        // A key another replica made since is looked for here, so that opening never needs the database.
        if matches!(sealed.open_credentials(), Err(StoreError::Sealed { source, .. }) if is_unknown(source)) {
            db.forget_keys(sealed.info.environment);
            let keys = keys::of(db, sealed.info.environment).await?;
            return Ok(Self { keys, ..sealed });
        }
        Ok(sealed)
    }

    /// Opens the credentials.
    pub fn open_credentials(&self) -> Result<Credentials, StoreError> {
        let place = credentials_place(self.info.id.0, self.info.environment);
        let opened =
            self.keys.open(&place, &self.credentials).map_err(|source| keys::failure(&place, source))?;
        Credentials::from_bytes(&opened)
            .map_err(|error| StoreError::inconsistent(TABLE, self.info.id, error.to_string()))
    }

    /// Opens the configuration: public and secret values together.
    pub fn open_config(&self) -> Result<Map<String, Value>, StoreError> {
        let mut config = self.public_config.clone();
        config.extend(self.open_secret_config()?);
        Ok(config)
    }

    /// Opens the secret values of the configuration.
    pub fn open_secret_config(&self) -> Result<Map<String, Value>, StoreError> {
        let Some(sealed) = &self.config_secret else { return Ok(Map::new()) };
        let place = config_place(self.info.id.0, self.info.environment);
        let opened = self.keys.open(&place, sealed).map_err(|source| keys::failure(&place, source))?;
        serde_json::from_slice(&opened)
            .map_err(|_| StoreError::inconsistent(TABLE, self.info.id, "config_secret does not read"))
    }

    /// Opens everything.
    pub fn open(&self) -> Result<Connection, StoreError> {
        Ok(Connection {
            info: self.info.clone(),
            config: self.open_config()?,
            credentials: self.open_credentials()?,
            version: self.version,
        })
    }
}

fn is_unknown(source: dovetail_vault::OpenError) -> bool {
    source == dovetail_vault::OpenError::UnknownKey
}

pub(super) fn credentials_place(row: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row, column: "credentials", environment }
}

pub(super) fn config_place(row: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row, column: "config_secret", environment }
}
