//! Variables of an environment, for functions; values are sealed.

use dovetail_model::{EnvironmentId, EnvironmentVariable, EnvironmentVariableId, Secret};
use dovetail_vault::Context;

use crate::row::Columns;
use crate::{Change, Db, StoreError, Tx, keys};

const TABLE: &str = "environment_variables";

/// All variables, by name.
pub async fn list(
    db: &mut impl Db,
    environment: EnvironmentId,
) -> Result<Vec<EnvironmentVariable>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, name, value FROM environment_variables WHERE environment_id = $1 ORDER BY name",
    )
    .bind(environment.0)
    .fetch_all(db.conn())
    .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = row.int("id")?;
        let opened = keys::open(db, place(id, environment), &row.sealed("value")?).await?;
        let text =
            std::str::from_utf8(&opened).map_err(|_| StoreError::inconsistent(TABLE, id, "not text"))?;
        let (id, name) = (EnvironmentVariableId(id), row.text("name")?);
        all.push(EnvironmentVariable { id, name, value: Secret::from(text) });
    }
    Ok(all)
}

/// Replaces all variables. Of two with one name the later counts.
pub async fn replace(
    tx: &mut Tx,
    environment: EnvironmentId,
    variables: &[(String, Secret)],
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM environment_variables WHERE environment_id = $1")
        .bind(environment.0)
        .execute(tx.conn())
        .await?;
    for (at, (name, value)) in variables.iter().enumerate() {
        if variables[at + 1..].iter().any(|(later, _)| later == name) {
            continue;
        }
        insert(tx, environment, name, value).await?;
    }
    tx.changed(Change::Environment { environment });
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    environment: EnvironmentId,
    name: &str,
    value: &Secret,
) -> Result<(), StoreError> {
    let id = tx.next_id(TABLE).await?;
    let sealed = keys::seal(tx, place(id, environment), value.expose().as_bytes()).await?;
    sqlx::query(
        "INSERT INTO environment_variables (id, environment_id, name, value, created_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(environment.0)
    .bind(name)
    .bind(sealed.into_bytes())
    .bind(tx.now().0)
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn place(row: i64, environment: EnvironmentId) -> Context {
    Context { table: TABLE, row, column: "value", environment }
}
