//! What the result codes of SQLite mean.

use sqlx::{error::DatabaseError, sqlite::SqliteError};

/// The primary result code of SQLite's own errors: the lowest byte of the extended one.
fn result_code(error: &(dyn DatabaseError + 'static)) -> Option<u32> {
    let error = error.try_downcast_ref::<SqliteError>()?;
    Some(error.code()?.parse::<u32>().ok()? & 0xff)
}

/// `SQLITE_BUSY` and `SQLITE_LOCKED`.
pub(crate) fn is_locked(error: &(dyn DatabaseError + 'static)) -> bool {
    matches!(result_code(error), Some(5 | 6))
}

/// Whether trying again later may work.
///
/// # Rule
///
/// SQLite, "Result and Error Codes": besides locks, `SQLITE_FULL` and `SQLITE_CANTOPEN`.
pub(super) fn is_temporary(error: &(dyn DatabaseError + 'static)) -> bool {
    is_locked(error) || matches!(result_code(error), Some(13 | 14))
}
