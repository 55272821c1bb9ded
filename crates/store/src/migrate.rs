//! Bringing the schema up to date; see `migrations/README.md`.

use dovetail_model::Clock;
use dovetail_vault::sha256_hex;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::dialect::Dialect;
use crate::pool::Pools;
use crate::{OpenError, StoreError};

struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "0001_foundation",
        text: include_str!("../migrations/0001_foundation.sql"),
    },
    Migration {
        version: 2,
        name: "0002_auth_flows",
        text: include_str!("../migrations/0002_auth_flows.sql"),
    },
    Migration { version: 3, name: "0003_refresh", text: include_str!("../migrations/0003_refresh.sql") },
    Migration {
        version: 4,
        name: "0004_registered_clients",
        text: include_str!("../migrations/0004_registered_clients.sql"),
    },
    Migration {
        version: 5,
        name: "0005_revocations",
        text: include_str!("../migrations/0005_revocations.sql"),
    },
    Migration { version: 6, name: "0006_pairings", text: include_str!("../migrations/0006_pairings.sql") },
    Migration {
        version: 7,
        name: "0007_key_limits",
        text: include_str!("../migrations/0007_key_limits.sql"),
    },
    Migration {
        version: 8,
        name: "0008_idle_checks",
        text: include_str!("../migrations/0008_idle_checks.sql"),
    },
];

/// The key of the advisory lock that replicas starting together queue on; any constant would do.
const LOCK: i64 = 0x0D0E_7A11;

const RECORDS: &str = "CREATE TABLE IF NOT EXISTS schema_migrations \
    (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// Applies what is missing, in one transaction under a lock.
pub(crate) async fn run(pools: &Pools, dialect: Dialect, clock: &dyn Clock) -> Result<(), OpenError> {
    let mut connection = pools.writer.acquire().await.map_err(OpenError::Connect)?;
    let begin = match dialect {
        Dialect::Sqlite => "BEGIN EXCLUSIVE",
        Dialect::Postgres => "BEGIN",
    };
    let mut tx = connection.begin_with(begin).await.map_err(OpenError::Connect)?;
    if dialect == Dialect::Postgres {
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK);
        lock.execute(&mut *tx).await.map_err(StoreError::from)?;
    }
    sqlx::query(RECORDS).execute(&mut *tx).await.map_err(StoreError::from)?;
    let applied = applied(&mut tx).await?;
    for migration in MIGRATIONS {
        let checksum = sha256_hex(migration.text.as_bytes());
        match applied.iter().find(|(version, _)| *version == migration.version) {
            Some((_, recorded)) if *recorded == checksum => {}
            Some((version, _)) => return Err(OpenError::ChangedMigration { version: *version }),
            None => apply(&mut tx, dialect, migration, &checksum, clock)
                .await
                .map_err(|source| OpenError::Migration { name: migration.name, source })?,
        }
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}

async fn applied(connection: &mut AnyConnection) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = sqlx::query("SELECT version, checksum FROM schema_migrations").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("version")?, row.try_get("checksum")?))).collect()
}

async fn apply(
    connection: &mut AnyConnection,
    dialect: Dialect,
    migration: &Migration,
    checksum: &str,
    clock: &dyn Clock,
) -> Result<(), sqlx::Error> {
    let sql = dialect.migration(migration.text);
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    sqlx::query(
        "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(migration.version)
    .bind(migration.name)
    .bind(checksum)
    .bind(clock.now().0)
    .execute(&mut *connection)
    .await?;
    tracing::info!(migration = migration.name, "applied a migration");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps_and_named_alike() {
        for (at, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.version, at as i64 + 1);
            assert!(migration.name.starts_with(&format!("{:04}_", migration.version)));
        }
    }
}
