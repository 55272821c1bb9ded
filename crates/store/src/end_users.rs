//! End users: one row a connection, never shared.

use dovetail_model::{EndUser, EndUserRowId, EnvironmentId, Organization};
use sqlx::any::AnyRow;

use crate::row::{Columns, from_json, to_json};
use crate::{Db, StoreError, Tx};

/// Stores who a connection belongs to: in the row it has, or a new one.
pub(crate) async fn save(
    tx: &mut Tx,
    environment: EnvironmentId,
    row: Option<EndUserRowId>,
    user: &EndUser,
) -> Result<EndUserRowId, StoreError> {
    let now = tx.now().0;
    let id = match row {
        Some(row) => row.0,
        None => tx.next_id("end_users").await?,
    };
    let organization = user.organization.as_ref();
    sqlx::query(
        "INSERT INTO end_users (id, environment_id, end_user_id, display_name, email, tags, organization_id, \
         organization_name, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) \
         ON CONFLICT (id) DO UPDATE SET end_user_id = excluded.end_user_id, \
         display_name = excluded.display_name, email = excluded.email, tags = excluded.tags, \
         organization_id = excluded.organization_id, organization_name = excluded.organization_name, \
         updated_at = excluded.updated_at",
    )
    .bind(id)
    .bind(environment.0)
    .bind(user.id.as_str())
    .bind(user.display_name.as_deref())
    .bind(user.email.as_deref())
    .bind(user.tags.as_ref().map(to_json))
    .bind(organization.map(|organization| organization.id.as_str()))
    .bind(organization.and_then(|organization| organization.display_name.as_deref()))
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(EndUserRowId(id))
}

/// Reads the columns that connection queries join as `user_*`.
pub(crate) fn read_joined(row: &AnyRow) -> Result<Option<EndUser>, StoreError> {
    let Some(row_id) = row.opt_int("end_user_row")? else { return Ok(None) };
    let organization = match row.opt_text("user_organization_id")? {
        None => None,
        Some(id) => Some(Organization { id, display_name: row.opt_text("user_organization_name")? }),
    };
    let tags = row.opt_text("user_tags")?;
    Ok(Some(EndUser {
        id: row.text("user_id")?,
        display_name: row.opt_text("user_display_name")?,
        email: row.opt_text("user_email")?,
        tags: tags.map(|text| from_json("end_users", row_id, "tags", &text)).transpose()?,
        organization,
    }))
}
