//! A database that a store can be over.

use sqlx::{Database, pool::PoolConnection};

/// A database that a [`Store`](crate::Store) can be over: `sqlx::Sqlite` or `sqlx::Postgres`, each with the
/// feature of its name.
#[diagnostic::on_unimplemented(
    message = "no store can be over `{Self}`",
    note = "enable the feature `sqlite` or `postgres` of `dullahan-core-bridge-sqlx`"
)]
pub trait Backend: Sealed {}

/// What a store has to know of its database.
#[expect(
    unnameable_types,
    reason = "sealed: a store is used, and no database is added from outside"
)]
pub trait Sealed: Database {
    /// Whether one transaction at a time can write, so that the others had better queue.
    const ONE_WRITER: bool;

    /// What sees to it that a transaction is ended by its process and by nobody else.
    type Watch: Send + Sync + 'static;

    /// Begins a transaction that can write, and watches over it. After an error the connection is in no transaction, or
    /// is closed when it is dropped.
    fn begin(
        connection: &mut PoolConnection<Self>,
    ) -> impl Future<Output = Result<Self::Watch, sqlx::Error>> + Send;

    /// Whether a transaction is known to have been ended by the database or by a statement.
    fn was_ended(watch: &Self::Watch) -> bool;

    /// Lets the next `COMMIT` through. Fails where it would commit nothing, or something else than this transaction.
    fn prepare_commit(
        connection: &mut Self::Connection,
        watch: &Self::Watch,
    ) -> impl Future<Output = dullahan_core::Result<()>> + Send;

    /// Stops watching at the next rollback.
    fn release_by_rollback(watch: &Self::Watch);

    /// Whether a transaction could not be begun because the server cannot write, as a standby cannot. The address may lead
    /// to another server by now.
    fn is_read_only(error: &sqlx::Error) -> bool;

    /// Runs statements that have no parameter and give no row.
    fn execute(
        connection: &mut Self::Connection,
        sql: String,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Keeps others from migrating until the transaction ends, and makes the table of applied migrations.
    fn begin_migrating(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// The version and the text of every migration that was applied for a component.
    fn applied_migrations(
        connection: &mut Self::Connection,
        component: &str,
    ) -> impl Future<Output = Result<Vec<(i64, String)>, sqlx::Error>> + Send;

    /// Notes that a migration was applied for a component.
    fn note_migration(
        connection: &mut Self::Connection,
        component: &str,
        version: i64,
        name: &str,
        sql: &str,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

/// The statements that are the same for all, in the database's own types.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
macro_rules! shared_statements {
    () => {
        async fn execute(
            connection: &mut Self::Connection,
            sql: String,
        ) -> Result<(), sqlx::Error> {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await?;
            Ok(())
        }

        async fn applied_migrations(
            connection: &mut Self::Connection,
            component: &str,
        ) -> Result<Vec<(i64, String)>, sqlx::Error> {
            let sql = "SELECT version, sql FROM dullahan_migrations WHERE component = $1";
            sqlx::query_as(sql).bind(component).fetch_all(connection).await
        }

        async fn note_migration(
            connection: &mut Self::Connection,
            component: &str,
            version: i64,
            name: &str,
            sql: &str,
        ) -> Result<(), sqlx::Error> {
            let insert = "INSERT INTO dullahan_migrations (component, version, name, sql) \
                          VALUES ($1, $2, $3, $4)";
            let insert = sqlx::query(insert).bind(component).bind(version).bind(name).bind(sql);
            insert.execute(connection).await?;
            Ok(())
        }
    };
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use shared_statements;
