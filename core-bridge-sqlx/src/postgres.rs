//! Stores over PostgreSQL.

use std::{num::NonZero, sync::Arc, thread, time::Duration};

use dullahan_core::Result;
use sqlx::{
    Connection as _, PgConnection, Postgres,
    error::DatabaseError,
    postgres::{PgConnectOptions, PgDatabaseError, PgPoolOptions},
};

use crate::{
    backend::{Backend, Sealed, shared_statements},
    error::store_error,
    shelf::Shelf,
    store::Store,
};

/// A store over a PostgreSQL database.
pub type PostgresStore = Store<Postgres>;

impl Store<Postgres> {
    /// Opens a database: `postgres://user:password@host/database`, with the parameters that libpq knows.
    ///
    /// - Transactions are `READ COMMITTED` and can write; everything outside of one can only read. The latter is
    ///   asked of the server with the parameter `options` when connecting, which a pooler such as `PgBouncer`
    ///   has to let through; else open a pool of one's own and use [`from_pool`](Self::from_pool).
    /// - The pool has twice as many connections as there are processors, at least ten, and is waited for
    ///   for up to ten seconds.
    /// - A connection that lay idle is asked whether it is alive before it is used again.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or refuses.
    pub async fn open(url: &str) -> Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(store_error)?;
        let options = options.options([("default_transaction_read_only", "on")]);
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let connections = u32::try_from(processors).unwrap_or(u32::MAX).saturating_mul(2).max(10);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .before_acquire(|connection, usage| {
                Box::pin(async move {
                    if usage.idle_for > Duration::from_secs(1) {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            });
        let own = Shelf::of_own(pool.connect_with(options).await.map_err(store_error)?);
        Ok(Self::new(Arc::clone(&own), own))
    }
}

/// Whether trying again later may work.
///
/// # Rule
///
/// PostgreSQL, appendix A, "Error Codes": connection exceptions, insufficient resources and operator
/// intervention by their class; a lock that was not available.
pub(crate) fn is_temporary(error: &(dyn DatabaseError + 'static)) -> bool {
    code(error).is_some_and(|code| {
        ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55P03"
    })
}

/// Whether the transaction was ended for the sake of another one, so that it may succeed if it is run again.
///
/// # Rule
///
/// PostgreSQL, section 13.5, "Serialization Failure Handling": a serialization failure and a deadlock.
pub(crate) fn is_transient(error: &(dyn DatabaseError + 'static)) -> bool {
    matches!(code(error), Some("40001" | "40P01"))
}

fn code<'a>(error: &'a (dyn DatabaseError + 'static)) -> Option<&'a str> {
    error.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code)
}

/// The advisory lock of whoever migrates.
const MIGRATING: i64 = i64::from_be_bytes(*b"dullahan");

impl Backend for Postgres {}

impl Sealed for Postgres {
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE";
    const ONE_WRITER: bool = false;

    /// After a statement that failed PostgreSQL answers `COMMIT` with `ROLLBACK`, which the driver takes for a
    /// success. Any other statement is refused then.
    async fn check_commit(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("SELECT 1").execute(connection).await?;
        Ok(())
    }

    async fn begin_migrating(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATING);
        lock.execute(&mut *connection).await?;
        let table = "CREATE TABLE IF NOT EXISTS dullahan_migrations (
            component TEXT NOT NULL,
            version BIGINT NOT NULL,
            name TEXT NOT NULL,
            sql TEXT NOT NULL,
            applied_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            PRIMARY KEY (component, version)
        )";
        sqlx::raw_sql(table).execute(connection).await?;
        Ok(())
    }

    shared_statements!();
}
