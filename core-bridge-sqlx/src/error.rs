//! What went wrong in a database, as an error of the core.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

use std::{fmt, time::Duration};

use dullahan_core::Error;
use sqlx::error::DatabaseError;

/// What went wrong in a database, as an error of the core.
///
/// A database that is busy, full, gone or restarting, and a pool without a free connection, are
/// [`ErrorKind::Unavailable`](dullahan_core::ErrorKind::Unavailable): trying again later may work. So is a transaction that
/// lost a deadlock or could not be serialised, and that one is [retryable](Error::is_retryable): a repeatable process
/// is run again. Everything else, violated constraints too, is an internal error; what is
/// to be a conflict for the client has to be told apart before.
///
/// The error's source says what the database said, without the details in which PostgreSQL quotes the values
/// of a row: they are personal data, and logs are read by many.
///
#[cfg_attr(feature = "sqlite", doc = "```")]
#[cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
/// use dullahan_core::{Context, Error, ErrorKind, Result};
/// use dullahan_core_bridge_sqlx::{SqliteStore, store_error};
///
/// async fn rename(store: &SqliteStore, context: &Context, id: i64, name: &str) -> Result<()> {
///     let mut connection = store.write(context).await?;
///     let update = sqlx::query("UPDATE shelves SET name = $1 WHERE id = $2").bind(name).bind(id);
///     match update.execute(&mut *connection).await {
///         Ok(_) => Ok(()),
///         Err(sqlx::Error::Database(refused)) if refused.is_unique_violation() => {
///             Err(Error::new(ErrorKind::Conflict).with_code("name_taken"))
///         }
///         Err(error) => Err(store_error(error)),
///     }
/// }
/// ```
pub fn store_error(error: sqlx::Error) -> Error {
    if is_transient(&error) {
        Error::transient(Failure(error))
    } else if is_temporary(&error) {
        Error::unavailable(Failure(error))
    } else {
        Error::internal(Failure(error))
    }
}

/// Whether the transaction was ended for the sake of another one. With one writer at a time none is.
pub(crate) fn is_transient(error: &sqlx::Error) -> bool {
    #[cfg(feature = "postgres")]
    if let sqlx::Error::Database(refused) = error {
        return postgres::is_transient(&**refused);
    }
    let _ = error;
    false
}

/// Whether trying again later may work.
fn is_temporary(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(refused) => {
            IS_TEMPORARY.iter().any(|is_temporary| is_temporary(&**refused))
        }
        _ => false,
    }
}

/// What each database says, of its own errors.
const IS_TEMPORARY: &[fn(&(dyn DatabaseError + 'static)) -> bool] = &[
    #[cfg(feature = "sqlite")]
    sqlite::is_temporary,
    #[cfg(feature = "postgres")]
    postgres::is_temporary,
];

/// An error of the driver; its `Debug` says no more than its `Display`, which quotes no value.
#[derive(thiserror::Error)]
#[error("{0}")]
struct Failure(sqlx::Error);

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({})", self.0)
    }
}

/// The server cannot write.
#[derive(Debug, thiserror::Error)]
#[error(
    "the {database} server cannot write ({reason}): it is a standby, so the address should lead to another server soon"
)]
pub(crate) struct ReadOnly {
    pub(crate) database: &'static str,
    pub(crate) reason: sqlx::Error,
}

/// Nothing of the database was free in time.
#[derive(Debug, thiserror::Error)]
#[error(
    "waited for {limit:?} to write and did not get the turn; either {database} is overloaded, or a process \
     waits for another one that was run, with a context of its own, from inside of it"
)]
pub(crate) struct NoTurn {
    pub(crate) database: &'static str,
    pub(crate) limit: Duration,
}

/// The unit of work of the process is one of another store.
#[derive(Debug, thiserror::Error)]
#[error(
    "the unit of work of this process does not belong to the {database} store that a repository was called on; \
     give the core and its repositories clones of one store"
)]
pub(crate) struct OtherStore {
    pub(crate) database: &'static str,
}

/// The transaction is lent out, or over.
#[derive(Debug, thiserror::Error)]
#[error("the transaction of this process is in use or over")]
pub(crate) struct InUse;

/// The transaction of a process was ended by somebody else.
#[derive(Debug, thiserror::Error)]
#[error(
    "the transaction of this process was ended before the process was: by a statement such as `COMMIT` or `ROLLBACK`, \
     or by {database} itself, as it does for `INSERT OR ROLLBACK`, `RAISE(ROLLBACK)` and a full disk; nothing of the \
     process is stored; the error of the statement that did it went no further: let it through"
)]
pub(crate) struct Ended {
    pub(crate) database: &'static str,
}

/// `COMMIT` would have reported a success and committed nothing.
#[derive(Debug, thiserror::Error)]
#[error(
    "a statement of this process failed before and its error went no further; {database} commits nothing of \
     such a transaction ({reason}); let the error through, or dispatch what may fail with `dispatch_in_savepoint`"
)]
pub(crate) struct Aborted {
    pub(crate) database: &'static str,
    pub(crate) reason: sqlx::Error,
}
