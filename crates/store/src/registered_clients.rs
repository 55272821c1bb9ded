//! OAuth clients that we registered ourselves with authorization servers (RFC 7591): one for each integration, issuer
//! and redirect URI.

use dovetail_model::{EnvironmentId, IntegrationId, Timestamp};
use dovetail_vault::Context;
use zeroize::Zeroizing;

use crate::limits::MAX_REGISTERED_CLIENTS;
use crate::row::Columns;
use crate::{Db, StoreError, Tx, keys};

const TABLE: &str = "registered_clients";

/// Whose client it is, and where it is known.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// Of which integration.
    pub integration: IntegrationId,
    /// With which authorization server: its issuer, or its registration URL where it names none.
    pub issuer: &'a str,
    /// Under which redirect URI.
    pub redirect_uri: &'a str,
}

/// The client as it was sealed. `None` when there is none that is still good.
pub async fn find(
    db: &mut impl Db,
    environment: EnvironmentId,
    registration: Registration<'_>,
) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let now = db.now();
    let row = sqlx::query(
        "SELECT id, client FROM registered_clients WHERE environment_id = $1 AND integration_id = $2 \
         AND issuer = $3 AND redirect_uri = $4 AND (expires_at IS NULL OR expires_at > $5)",
    )
    .bind(environment.0)
    .bind(registration.integration.0)
    .bind(registration.issuer)
    .bind(registration.redirect_uri)
    .bind(now.0)
    .fetch_optional(db.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (id, sealed) = (row.int("id")?, row.sealed("client")?);
    keys::open(db, place(id, environment), &sealed).await.map(Some)
}

/// Keeps a client in place of the one before. Beyond [`MAX_REGISTERED_CLIENTS`] of an integration the oldest goes: it
/// is registered anew when it is needed again.
pub async fn keep(
    tx: &mut Tx,
    environment: EnvironmentId,
    registration: Registration<'_>,
    client: &[u8],
    expires_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query(
        "DELETE FROM registered_clients WHERE environment_id = $1 AND integration_id = $2 AND issuer = $3 \
         AND redirect_uri = $4",
    )
    .bind(environment.0)
    .bind(registration.integration.0)
    .bind(registration.issuer)
    .bind(registration.redirect_uri)
    .execute(tx.conn())
    .await?;
    let id = tx.next_id(TABLE).await?;
    let sealed = keys::seal(tx, place(id, environment), client).await?;
    sqlx::query(
        "INSERT INTO registered_clients (id, environment_id, integration_id, issuer, redirect_uri, client, \
         expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(environment.0)
    .bind(registration.integration.0)
    .bind(registration.issuer)
    .bind(registration.redirect_uri)
    .bind(sealed.into_bytes())
    .bind(expires_at.map(|at| at.0))
    .bind(now.0)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "DELETE FROM registered_clients WHERE environment_id = $1 AND integration_id = $2 AND id NOT IN \
         (SELECT id FROM registered_clients WHERE environment_id = $1 AND integration_id = $2 \
         ORDER BY id DESC LIMIT $3)",
    )
    .bind(environment.0)
    .bind(registration.integration.0)
    .bind(MAX_REGISTERED_CLIENTS)
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn place(row: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row, column: "client", environment }
}
