//! Opening connections to the database.

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::{AnyPool, ConnectOptions, Executor};

use crate::dialect::Dialect;
use crate::limits::{
    ACQUIRE_TIMEOUT, POSTGRES_CONNECTIONS, SQLITE_BUSY_TIMEOUT_MS, SQLITE_CACHE_KIB, SQLITE_READERS,
};
use crate::{OpenError, StoreConfig};

/// Two pools: SQLite has exactly one writer; on PostgreSQL both are the same pool.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    pub(crate) readers: AnyPool,
    pub(crate) writer: AnyPool,
}

impl Pools {
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self, OpenError> {
        install_default_drivers();
        let options: AnyConnectOptions = config.url.expose().parse().map_err(OpenError::Connect)?;
        // Statements are logged by nobody: their failures come back as errors, and slow ones are seen in spans.
        let options = options.disable_statement_logging();
        match config.dialect {
            Dialect::Postgres => {
                let pool = base()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .connect_with(options)
                    .await
                    .map_err(OpenError::Connect)?;
                Ok(Self { readers: pool.clone(), writer: pool })
            }
            Dialect::Sqlite => {
                let writer = sqlite(false)
                    .max_connections(1)
                    .connect_with(options.clone())
                    .await
                    .map_err(OpenError::Connect)?;
                let readers = sqlite(true)
                    .max_connections(SQLITE_READERS)
                    .connect_with(options)
                    .await
                    .map_err(OpenError::Connect)?;
                Ok(Self { readers, writer })
            }
        }
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn base() -> AnyPoolOptions {
    AnyPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT)
}

fn sqlite(reader: bool) -> AnyPoolOptions {
    let mut pragmas = format!(
        "PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; \
         PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{SQLITE_CACHE_KIB};"
    );
    if reader {
        pragmas.push_str(" PRAGMA query_only = ON;");
    }
    // A file does not hang up: asking before each use would double the cost of every read.
    base().test_before_acquire(false).idle_timeout(None).max_lifetime(None).after_connect(
        move |connection, _| {
            let pragmas = pragmas.clone();
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(pragmas))).await?;
                Ok(())
            })
        },
    )
}
