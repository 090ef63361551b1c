//! How a file or a database in memory is opened.

use std::{num::NonZero, path::Path, thread, time::Duration};

use sqlx::{
    ConnectOptions as _, Sqlite,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::Instant;

use crate::error::sqlite::is_locked;
use crate::{
    cached_pool::CachedPool,
    open_error::{OpenError, scheme},
    store::Store,
};

/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an application decides about a database of SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteSettings {
    /// How long a writer waits for a lock that another program holds. Ten seconds unless set.
    pub lock_timeout: Duration,
    /// How many bytes of the file are read through a mapping into memory. None unless set.
    ///
    /// What the operating system has in its cache then costs no system call: a session lookup among a million users takes
    /// 1.07 times as long as among a thousand, where without it takes 1.43 times. The price: a disk that fails below the
    /// mapping ends the process by a signal, where it would have been an error of one statement; and so does a program
    /// that cuts the file short. A mapping takes addresses, of which there are plenty, and no memory of the program's own.
    pub mapped_bytes: u64,
}

impl Default for SqliteSettings {
    fn default() -> Self {
        Self { lock_timeout: PATIENCE, mapped_bytes: 0 }
    }
}

impl Store<Sqlite> {
    /// Opens a database: `sqlite:users.sqlite`, `sqlite:///var/lib/app/users.sqlite` or `sqlite::memory:`.
    ///
    /// A file that is not there is created, unless the address ends in `?mode=rw`; where there are such
    /// things, only its owner may then read it. `?mode=ro` opens one to read only. It is opened with
    ///
    /// - a write-ahead log, so that readers and the writer do not wait for each other;
    /// - `synchronous=FULL`, so that what was committed survives a loss of power, and not only, as with
    ///   `NORMAL`, the death of the process;
    /// - foreign keys enforced;
    /// - one connection that writes, and as many as there are processors, at least four, that read and cannot
    ///   write.
    ///
    /// A database in memory has one connection only. Reads outside of a process therefore wait for processes that
    /// write, and are not kept from writing; such a database is for tests.
    ///
    /// # Errors
    ///
    /// When it cannot be opened or created, or is none.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_with(url, &SqliteSettings::default()).await
    }

    /// The same, with settings of the application's own.
    ///
    /// # Errors
    ///
    /// When it cannot be opened or created, or is none.
    pub async fn open_with(url: &str, settings: &SqliteSettings) -> Result<Self, OpenError> {
        if let Some(other) = scheme(url).filter(|scheme| *scheme != "sqlite") {
            let reason =
                "an address of SQLite begins with `sqlite:`, as `sqlite:users.sqlite` does";
            return Err(OpenError::new(format!("an address that begins with `{other}:`"), reason));
        }
        let parsed: Result<SqliteConnectOptions, _> = url.parse();
        let mut options =
            parsed.map_err(|error| OpenError::new("the address of SQLite", reason(error)))?;
        let file = options.get_filename().to_owned();
        options = options.busy_timeout(settings.lock_timeout).foreign_keys(true);
        if settings.mapped_bytes > 0 {
            options = options.pragma("mmap_size", settings.mapped_bytes.to_string());
        }
        let mode = mode(url);
        let opened = if is_in_memory(&options, mode) {
            pool(1).connect_with(options).await.map(Self::from_pool)
        } else {
            if matches!(mode, None | Some("rwc")) {
                create_private(&file);
                options = options.create_if_missing(true);
            }
            open_file(options, mode == Some("ro")).await
        };
        opened.map_err(|error| refused(&file, mode, error))
    }
}

async fn open_file(
    options: SqliteConnectOptions,
    only_reads: bool,
) -> Result<Store<Sqlite>, sqlx::Error> {
    let options = options.synchronous(SqliteSynchronous::Full);
    if !only_reads {
        switch_to_wal(&options).await?;
    }
    let readers = thread::available_parallelism().map_or(4, NonZero::get).max(4);
    let reads = pool(u32::try_from(readers).unwrap_or(u32::MAX))
        .connect_lazy_with(options.clone().pragma("query_only", "ON"));
    let writes = pool(1).connect_with(options).await?;
    Ok(Store::new(CachedPool::of_own(reads), CachedPool::of_shared(writes), Some(1)))
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

/// The parameter `mode` of an address. Without one a file that is not there is created, which sqlx does not do.
fn mode(url: &str) -> Option<&str> {
    let (_, parameters) = url.split_once('?')?;
    parameters.split('&').find_map(|parameter| parameter.strip_prefix("mode="))
}

/// Whether each connection would have a database of its own, that dies with it.
fn is_in_memory(options: &SqliteConnectOptions, mode: Option<&str>) -> bool {
    // What sqlx calls `:memory:`. It would not give the address back: it panics on that name.
    let file = options.get_filename().to_string_lossy();
    mode == Some("memory") || file.is_empty() || file.starts_with("file:sqlx-in-memory-")
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

/// What is wrong with a file; SQLite itself says of most things that it was unable to open it.
#[cold]
fn refused(file: &Path, mode: Option<&str>, error: sqlx::Error) -> OpenError {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let reason = match (folder, mode) {
        (Some(folder), _) if !folder.exists() => {
            format!("the folder `{}` does not exist; create it", folder.display())
        }
        (_, Some("rw" | "ro")) if !file.exists() => {
            "it does not exist; `?mode=rwc`, or no `mode` at all, creates it".to_owned()
        }
        _ if file.is_dir() => "it is a folder; name a file in it".to_owned(),
        _ => reason(error),
    };
    OpenError::new(format!("the SQLite file `{}`", file.display()), reason)
}

/// What an error says, without saying that there is one.
fn reason(error: sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refused) => refused.message().to_owned(),
        sqlx::Error::Configuration(reason) => reason.to_string(),
        error => error.to_string(),
    }
}
