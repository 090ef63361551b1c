//! Stores over SQLite.

use std::{num::NonZero, path::Path, thread, time::Duration};

use dullahan_core::Result;
use sqlx::{
    ConnectOptions as _, Sqlite, SqliteConnection,
    error::DatabaseError,
    sqlite::{
        SqliteConnectOptions, SqliteError, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};
use tokio::time::Instant;

use crate::{
    backend::{Backend, Sealed, shared_statements},
    error::store_error,
    shelf::Shelf,
    store::Store,
};

/// A store over an SQLite database.
///
/// SQLite has one writer at a time, so processes that write queue up here, first come, first served, and none
/// is told that the database is locked. Readers never wait for them. Other programs may write to the same file:
/// a writer waits for them too, for up to ten seconds.
pub type SqliteStore = Store<Sqlite>;

/// How long a connection is waited for, and a lock that another program holds.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of a file is read through a mapping. It takes addresses, of which there are plenty, and no memory of the
/// program's own; the rest of a larger file is read with a system call for each page.
const MAPPED_BYTES: u32 = 1 << 30;

impl Store<Sqlite> {
    /// Opens a database: `sqlite://users.sqlite`, `sqlite:///var/lib/app/users.sqlite` or `sqlite::memory:`.
    ///
    /// A file that is not there is created, unless the address ends in `?mode=rw`; where there are such
    /// things, only its owner may then read it. It is opened with
    ///
    /// - a write-ahead log, so that readers and the writer do not wait for each other;
    /// - `synchronous=FULL`, so that what was committed survives a loss of power, and not only, as with
    ///   `NORMAL`, the death of the process;
    /// - foreign keys enforced;
    /// - the first GiB of the file mapped into memory for reading, so that what the operating system has in its cache
    ///   costs no system call. A disk that fails below it ends the process by a signal, where it would have been an error;
    /// - one connection that writes, and as many as there are processors, at least four, that read and cannot
    ///   write.
    ///
    /// A database in memory has one connection only. So whoever reads outside of a process waits for processes
    /// that write, and is not kept from writing; such a database is for tests.
    ///
    /// # Errors
    ///
    /// When it cannot be opened or created, or is none.
    pub async fn open(url: &str) -> Result<Self> {
        let options: SqliteConnectOptions = url.parse().map_err(store_error)?;
        let options = options
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
            .pragma("mmap_size", MAPPED_BYTES.to_string());
        if is_in_memory(url) {
            let pool = pool(1).connect_with(options).await.map_err(store_error)?;
            return Ok(Self::from_pool(pool));
        }
        let options =
            options.create_if_missing(!url.contains("mode=")).synchronous(SqliteSynchronous::Full);
        if !url.contains("mode=") {
            create_private(options.get_filename());
        }
        switch_to_wal(&options).await.map_err(store_error)?;
        let readers = thread::available_parallelism().map_or(4, NonZero::get).max(4);
        let reads = pool(u32::try_from(readers).unwrap_or(u32::MAX))
            .connect_lazy_with(options.clone().pragma("query_only", "ON"));
        let writes = pool(1).connect_with(options).await.map_err(store_error)?;
        Ok(Self::new(Shelf::of_own(reads), Shelf::of_shared(writes)))
    }
}

/// A pool whose connections stay: they are local, and reopening one loses its caches, or all there is of a
/// database in memory.
fn pool(max_connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Whether each connection would have a database of its own, that dies with it.
fn is_in_memory(url: &str) -> bool {
    let address = url.trim_start_matches("sqlite://").trim_start_matches("sqlite:");
    let (file, parameters) = address.split_once('?').unwrap_or((address, ""));
    matches!(file, "" | ":memory:") || parameters.split('&').any(|one| one == "mode=memory")
}

/// Creates a file that only its owner may read; what SQLite puts beside it gets the same permissions.
fn create_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // It may be there already; and whatever else is wrong, opening it as a database says it better.
    let _ = options.open(path);
}

/// Switches the database to a write-ahead log, which stays.
///
/// For that SQLite wants the file for itself and does not wait for it, so this does.
async fn switch_to_wal(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    let options = options.clone().journal_mode(SqliteJournalMode::Wal);
    let give_up = Instant::now() + PATIENCE;
    loop {
        match options.connect().await {
            Ok(connection) => return sqlx::Connection::close(connection).await,
            Err(sqlx::Error::Database(refused))
                if is_locked(&*refused) && Instant::now() < give_up =>
            {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The primary result code of SQLite's own errors: the lowest byte of the extended one.
fn result_code(error: &(dyn DatabaseError + 'static)) -> Option<u32> {
    let error = error.try_downcast_ref::<SqliteError>()?;
    Some(error.code()?.parse::<u32>().ok()? & 0xff)
}

/// `SQLITE_BUSY` and `SQLITE_LOCKED`.
fn is_locked(error: &(dyn DatabaseError + 'static)) -> bool {
    matches!(result_code(error), Some(5 | 6))
}

/// Whether trying again later may work.
///
/// # Rule
///
/// SQLite, "Result and Error Codes": besides locks, `SQLITE_FULL` and `SQLITE_CANTOPEN`.
pub(crate) fn is_temporary(error: &(dyn DatabaseError + 'static)) -> bool {
    is_locked(error) || matches!(result_code(error), Some(13 | 14))
}

impl Backend for Sqlite {}

impl Sealed for Sqlite {
    /// A plain `BEGIN` would take the lock at the first write, and fail if there was a read before and somebody
    /// else wrote meanwhile.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const ONE_WRITER: bool = true;

    /// A statement that fails is undone alone, so what is committed is what succeeded.
    async fn check_commit(_: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        Ok(())
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
