//! Stores over SQLite.

mod opening;
mod watch;

use sqlx::{
    SqlSafeStr as _, Sqlite, SqliteConnection, pool::PoolConnection,
    sqlite::SqliteTransactionManager,
};
use sqlx_core::transaction::TransactionManager as _;

pub use self::opening::SqliteSettings;
use self::watch::Watch;
use crate::{
    backend::{Backend, Sealed, shared_statements},
    store::Store,
    transaction::ended,
};

/// A store over an SQLite database.
///
/// SQLite has one writer at a time, so processes that write queue up here, first come, first served, and none
/// is told that the database is locked. Readers never wait for them. Other programs may write to the same file:
/// a writer waits for them too, for [as long as is set](SqliteSettings::lock_timeout).
pub type SqliteStore = Store<Sqlite>;

impl Backend for Sqlite {}

impl Sealed for Sqlite {
    const ONE_WRITER: bool = true;

    type Watch = Watch;

    /// A plain `BEGIN` would take the lock at the first write, and fail if there was a read before and somebody
    /// else wrote meanwhile.
    async fn begin(connection: &mut PoolConnection<Self>) -> Result<Watch, sqlx::Error> {
        let watch = Watch::over(connection).await?;
        let begin = Some("BEGIN IMMEDIATE".into_sql_str());
        let begun = SqliteTransactionManager::begin(connection, begin).await;
        if begun.is_err() {
            watch.release();
        }
        begun.map(|()| watch)
    }

    fn was_ended(watch: &Watch) -> bool {
        watch.saw_the_end()
    }

    /// A statement that fails is undone alone, so what is committed is what succeeded.
    async fn prepare_commit(_: &mut SqliteConnection, watch: &Watch) -> dullahan_core::Result<()> {
        if watch.release() { Ok(()) } else { Err(ended::<Self>()) }
    }

    fn release_by_rollback(watch: &Watch) {
        watch.release_by_rollback();
    }

    /// A file stays the same one.
    fn is_read_only(_: &sqlx::Error) -> bool {
        false
    }

    /// `BEGIN IMMEDIATE` keeps others away already.
    async fn begin_migrating(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let table = "CREATE TABLE IF NOT EXISTS dullahan_migrations (
            component TEXT NOT NULL,
            version INTEGER NOT NULL,
            name TEXT NOT NULL,
            sql TEXT NOT NULL,
            applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
            PRIMARY KEY (component, version)
        ) STRICT";
        sqlx::raw_sql(table).execute(connection).await?;
        Ok(())
    }

    shared_statements!();
}
