//! Stores over PostgreSQL.

mod opening;
mod pooler;

use dullahan_core::{Error, Result};
use sqlx::{
    Database as _, PgConnection, Postgres, SqlSafeStr as _, pool::PoolConnection,
    postgres::PgTransactionManager,
};
use sqlx_core::transaction::TransactionManager as _;

pub use self::opening::PostgresSettings;
use crate::{
    backend::{Backend, Sealed, shared_statements},
    error::{Aborted, postgres::code, store_error},
    store::Store,
    transaction::ended,
};

/// A store over a PostgreSQL database.
pub type PostgresStore = Store<Postgres>;

/// Begins a transaction that only [`prepare_commit`](Sealed::prepare_commit) lets anybody commit.
///
/// What a cursor `WITH HOLD` gives is computed when its transaction is committed, and this one fails to compute: so the
/// server refuses a `COMMIT` that a listener sends, and rolls back. `random` keeps it from being computed before.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; \
    DECLARE dullahan_process NO SCROLL CURSOR WITH HOLD FOR \
    SELECT ('the transaction of this process is not to be committed by a statement ' || random())::int";

/// PostgreSQL, "Error Codes": `invalid_cursor_name`.
const INVALID_CURSOR_NAME: &str = "34000";

/// PostgreSQL, "Error Codes": `in_failed_sql_transaction`.
const IN_FAILED_TRANSACTION: &str = "25P02";

/// The advisory lock of whoever migrates.
const MIGRATING: i64 = i64::from_be_bytes(*b"dullahan");

impl Backend for Postgres {}

impl Sealed for Postgres {
    const ONE_WRITER: bool = false;

    /// The server holds what watches over the transaction: see [`BEGIN`].
    type Watch = ();

    async fn begin(connection: &mut PoolConnection<Self>) -> Result<(), sqlx::Error> {
        let begun = PgTransactionManager::begin(connection, Some(BEGIN.into_sql_str())).await;
        if begun.is_err() {
            // It may be half begun, or lead to a server that cannot write.
            connection.close_on_drop();
        }
        begun
    }

    fn was_ended((): &()) -> bool {
        false
    }

    /// Closes the cursor that would keep the transaction from being committed. There is none any more where a statement
    /// has ended the transaction; and after a statement that failed, where PostgreSQL would answer `COMMIT` with
    /// `ROLLBACK`, which the driver takes for a success, any other statement is refused.
    async fn prepare_commit(connection: &mut PgConnection, (): &()) -> dullahan_core::Result<()> {
        match sqlx::raw_sql("CLOSE dullahan_process").execute(connection).await {
            Ok(_) => Ok(()),
            Err(sqlx::Error::Database(refused)) => Err(match refused.code().as_deref() {
                Some(INVALID_CURSOR_NAME) => ended::<Self>(),
                Some(IN_FAILED_TRANSACTION) => {
                    let reason = sqlx::Error::Database(refused);
                    Error::internal(Aborted { database: Self::NAME, reason })
                }
                _ => store_error(sqlx::Error::Database(refused)),
            }),
            Err(error) => Err(store_error(error)),
        }
    }

    fn release_by_rollback((): &()) {}

    /// # Rule
    ///
    /// PostgreSQL, section 27.4.1, "Hot Standby: User's Overview": a standby refuses `BEGIN READ WRITE`, and its errors for
    /// that are `feature_not_supported` and `read_only_sql_transaction`.
    fn is_read_only(error: &sqlx::Error) -> bool {
        let sqlx::Error::Database(refused) = error else { return false };
        matches!(code(&**refused), Some("0A000" | "25006"))
    }

    async fn begin_migrating(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        // Others may migrate for long, and so may this.
        let no_limit = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0";
        sqlx::raw_sql(no_limit).execute(&mut *connection).await?;
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
