//! Opening the database, and its connections: one for writing, some for reading.

use std::{str::FromStr, time::Duration};

use sqlx::{
    Connection, Executor, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    StoreError, append_only,
    sql::{Conn, Row, Value, failed},
};
use crate::config::StoreSettings;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Versions below this can corrupt a write-ahead log when two connections write or checkpoint.
const SQLITE_LEAST: &str = "3.51.3";
/// How long a connection waits for a lock.
const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps: each table's INSERT has a text for every number of rows up to 64.
const STATEMENTS_KEPT: usize = 1_024;

/// Connections for reading.
#[derive(Clone, Debug)]
pub(crate) enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A connection of the committer's own: one for writing, one for reading what the next batch needs.
#[derive(Debug)]
pub(crate) enum Writer {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A transaction under way; rolled back if it is dropped.
#[derive(Debug)]
pub(crate) enum Tx<'c> {
    Sqlite(Transaction<'c, Sqlite>),
    Postgres(Transaction<'c, Postgres>),
}

/// Opens the database, brings its tables up to date, and gives its connections.
pub(crate) async fn open(settings: &StoreSettings) -> Result<(Writer, Readers), StoreError> {
    let (mut writer, readers) =
        if settings.url.starts_with("sqlite:") { open_sqlite(settings).await? } else { open_postgres(settings).await? };
    append_only::put_up(&mut writer).await?;
    Ok((writer, readers))
}

/// A connection that reads what the committer needs.
pub(crate) async fn loader(settings: &StoreSettings) -> Result<Writer, StoreError> {
    if settings.url.starts_with("sqlite:") {
        let options = sqlite_options(settings)?.read_only(true).create_if_missing(false);
        let conn = SqliteConnection::connect_with(&options).await.map_err(failed("open the database for reading"))?;
        return Ok(Writer::Sqlite(conn));
    }
    let options = postgres_options(settings)?;
    Ok(Writer::Postgres(PgConnection::connect_with(&options).await.map_err(failed("open the database for reading"))?))
}

fn sqlite_options(settings: &StoreSettings) -> Result<SqliteConnectOptions, StoreError> {
    let options = SqliteConnectOptions::from_str(&settings.url).map_err(failed("read the store's address"))?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // what is deleted is overwritten: a destroyed key must not stay behind in a free place
        .pragma("secure_delete", "FAST")
        .statement_cache_capacity(STATEMENTS_KEPT))
}

async fn open_sqlite(settings: &StoreSettings) -> Result<(Writer, Readers), StoreError> {
    let path = settings.url.trim_start_matches("sqlite://").trim_start_matches("sqlite:");
    if let Some(folder) = std::path::Path::new(path).parent() {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::File { doing: "make the store's folder", source })?;
    }
    let options = sqlite_options(settings)?;
    let mut writer = SqliteConnection::connect_with(&options).await.map_err(failed("open the database"))?;
    let found: String =
        sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut writer).await.map_err(failed("ask for SQLite's version"))?;
    if parts(&found) < parts(SQLITE_LEAST) {
        return Err(StoreError::SqliteTooOld { found, least: SQLITE_LEAST });
    }
    MIGRATIONS.run(&mut writer).await.map_err(|error| failed("bring the tables up to date")(error.into()))?;
    let readers = SqlitePoolOptions::new()
        .max_connections(settings.readers.max(1))
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.read_only(true).create_if_missing(false))
        .await
        .map_err(failed("open the database for reading"))?;
    Ok((Writer::Sqlite(writer), Readers::Sqlite(readers)))
}

fn postgres_options(settings: &StoreSettings) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(&settings.url).map_err(failed("read the store's address"))?;
    Ok(options.application_name("tongban").statement_cache_capacity(STATEMENTS_KEPT))
}

async fn open_postgres(settings: &StoreSettings) -> Result<(Writer, Readers), StoreError> {
    if !settings.url.starts_with("postgres://") && !settings.url.starts_with("postgresql://") {
        return Err(StoreError::Address(settings.url.clone()));
    }
    let options = postgres_options(settings)?;
    let mut writer = PgConnection::connect_with(&options).await.map_err(failed("open the database"))?;
    MIGRATIONS.run(&mut writer).await.map_err(|error| failed("bring the tables up to date")(error.into()))?;
    let readers = PgPoolOptions::new()
        .max_connections(settings.readers.max(1))
        .connect_with(options)
        .await
        .map_err(failed("open the database for reading"))?;
    Ok((Writer::Postgres(writer), Readers::Postgres(readers)))
}

fn parts(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

impl Readers {
    /// Rows of a query, over any free connection.
    pub(crate) async fn fetch(&self, doing: &'static str, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(pool) => {
                let mut conn = pool.acquire().await.map_err(failed(doing))?;
                Conn::Sqlite(&mut conn).fetch(doing, sql, values).await
            }
            Self::Postgres(pool) => {
                let mut conn = pool.acquire().await.map_err(failed(doing))?;
                Conn::Postgres(&mut conn).fetch(doing, sql, values).await
            }
        }
    }

    /// Rows of many keys, see [`Conn::fetch_keys`].
    pub(crate) async fn fetch_keys(
        &self,
        doing: &'static str,
        head: &str,
        columns: &[&str],
        keys: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(pool) => {
                let mut conn = pool.acquire().await.map_err(failed(doing))?;
                Conn::Sqlite(&mut conn).fetch_keys(doing, head, columns, keys).await
            }
            Self::Postgres(pool) => {
                let mut conn = pool.acquire().await.map_err(failed(doing))?;
                Conn::Postgres(&mut conn).fetch_keys(doing, head, columns, keys).await
            }
        }
    }

    /// Asks the database to prepare a statement.
    #[cfg(test)]
    pub(crate) async fn prepare(&self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(pool) => Conn::Sqlite(&mut *pool.acquire().await.map_err(failed("prepare"))?).prepare(sql).await,
            Self::Postgres(pool) => Conn::Postgres(&mut *pool.acquire().await.map_err(failed("prepare"))?).prepare(sql).await,
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Writer {
    /// Begins a transaction; on SQLite it takes the write lock at once.
    pub(crate) async fn begin(&mut self) -> Result<Tx<'_>, StoreError> {
        Ok(match self {
            Self::Sqlite(conn) => Tx::Sqlite(conn.begin_with("BEGIN IMMEDIATE").await.map_err(failed("begin a transaction"))?),
            Self::Postgres(conn) => Tx::Postgres(conn.begin().await.map_err(failed("begin a transaction"))?),
        })
    }

    /// Connects again after the server closed the connection or went away.
    pub(crate) async fn reconnect(&mut self, settings: &StoreSettings) -> Result<(), StoreError> {
        if let Self::Postgres(conn) = self {
            *conn = PgConnection::connect_with(&postgres_options(settings)?).await.map_err(failed("connect again"))?;
        }
        Ok(())
    }

    /// Whether the database is PostgreSQL, where others may write too.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs statements that give nothing back, all of them or none.
    pub(crate) async fn script(&mut self, doing: &'static str, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
            Self::Postgres(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
        }
        .map_err(failed(doing))
    }

    /// The connection, outside a transaction.
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(conn) => Conn::Sqlite(conn),
            Self::Postgres(conn) => Conn::Postgres(conn),
        }
    }

    /// Closes the connection, the write-ahead log folded in.
    pub(crate) async fn fold_and_close(mut self) {
        if let Self::Sqlite(conn) = &mut self {
            let _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
        }
        self.close().await;
    }

    /// Closes the connection.
    pub(crate) async fn close(self) {
        let closed = match self {
            Self::Sqlite(conn) => conn.close().await,
            Self::Postgres(conn) => conn.close().await,
        };
        if let Err(error) = closed {
            tracing::warn!(%error, "the database connection did not close cleanly");
        }
    }
}

impl Tx<'_> {
    /// The connection inside.
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(tx) => Conn::Sqlite(&mut *tx),
            Self::Postgres(tx) => Conn::Postgres(&mut *tx),
        }
    }

    /// Commits: durable when this returns.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
        .map_err(failed(super::error::COMMIT))
    }
}
