//! Settings of the Connect page, one set an environment.

use dovetail_model::{ConnectUiSettings, EnvironmentId, Logo};

use crate::row::{Columns, from_json, to_json};
use crate::{Change, Db, StoreError, Tx};

/// The settings; defaults when never set. Without the logo's bytes, see [`logo`].
pub async fn get(db: &mut impl Db, environment: EnvironmentId) -> Result<ConnectUiSettings, StoreError> {
    let row = sqlx::query("SELECT connect_ui FROM environments WHERE id = $1")
        .bind(environment.0)
        .fetch_optional(db.conn())
        .await?;
    match row.map(|row| row.opt_text("connect_ui")).transpose()?.flatten() {
        Some(text) => from_json("environments", environment.0, "connect_ui", &text),
        None => Ok(ConnectUiSettings::default()),
    }
}

/// Replaces the settings, but not the logo, see [`set_logo`].
pub async fn set(
    tx: &mut Tx,
    environment: EnvironmentId,
    settings: &ConnectUiSettings,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE environments SET connect_ui = $1 WHERE id = $2")
        .bind(to_json(settings))
        .bind(environment.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::Environment { environment });
    Ok(())
}

/// The product's logo.
pub async fn logo(db: &mut impl Db, environment: EnvironmentId) -> Result<Option<Logo>, StoreError> {
    let row = sqlx::query("SELECT logo_type, logo FROM environments WHERE id = $1")
        .bind(environment.0)
        .fetch_optional(db.conn())
        .await?;
    let Some(row) = row else { return Ok(None) };
    match (row.opt_text("logo_type")?, row.opt_bytes("logo")?) {
        (None, None) => Ok(None),
        (Some(content_type), Some(bytes)) => Ok(Some(Logo { content_type, bytes })),
        _ => Err(StoreError::inconsistent("environments", environment, "logo without type or the reverse")),
    }
}

/// Replaces or removes the logo.
pub async fn set_logo(tx: &mut Tx, environment: EnvironmentId, logo: Option<Logo>) -> Result<(), StoreError> {
    let (content_type, bytes) = logo.map(|logo| (logo.content_type, logo.bytes)).unzip();
    sqlx::query("UPDATE environments SET logo_type = $1, logo = $2 WHERE id = $3")
        .bind(content_type)
        .bind(bytes)
        .bind(environment.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::Environment { environment });
    Ok(())
}
