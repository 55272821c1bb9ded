//! Sealing and opening columns with their environment's data keys.

use std::sync::Arc;

use dovetail_model::EnvironmentId;
use dovetail_vault::{Context, EnvironmentKeys, OpenError, Sealed};
use zeroize::Zeroizing;

use crate::{Db, StoreError, data_keys};

/// The keys of an environment, from memory or the database.
pub(crate) async fn of(
    db: &mut impl Db,
    environment: EnvironmentId,
) -> Result<Arc<EnvironmentKeys>, StoreError> {
    if let Some(keys) = db.recall_keys(environment) {
        return Ok(keys);
    }
    let keys = Arc::new(data_keys::load(db, environment).await?);
    db.remember_keys(keys.clone());
    Ok(keys)
}

/// Seals a value for a column.
pub(crate) async fn seal(db: &mut impl Db, place: Context, value: &[u8]) -> Result<Sealed, StoreError> {
    let keys = of(db, place.environment).await?;
    Ok(keys.seal(db.store().random(), &place, value))
}

/// Opens a column's value. A key made by another replica since is looked for once.
pub(crate) async fn open(
    db: &mut impl Db,
    place: Context,
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let keys = of(db, place.environment).await?;
    match keys.open(&place, sealed) {
        Err(OpenError::UnknownKey) => {
            db.forget_keys(place.environment);
            let keys = of(db, place.environment).await?;
            keys.open(&place, sealed).map_err(|source| failure(&place, source))
        }
        other => other.map_err(|source| failure(&place, source)),
    }
}

pub(crate) fn failure(place: &Context, source: OpenError) -> StoreError {
    StoreError::Sealed { table: place.table, column: place.column, row: place.row, source }
}
