//! What the error codes of PostgreSQL mean.

use sqlx::{error::DatabaseError, postgres::PgDatabaseError};

/// Whether trying again later may work.
///
/// # Rule
///
/// PostgreSQL, appendix A, "Error Codes": connection exceptions, insufficient resources and operator
/// intervention by their class; a lock that was not available.
pub(super) fn is_temporary(error: &(dyn DatabaseError + 'static)) -> bool {
    code(error).is_some_and(|code| {
        ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55P03"
    })
}

/// Whether the transaction was ended for the sake of another one, so that it may succeed if it is run again.
///
/// # Rule
///
/// PostgreSQL, section 13.5, "Serialization Failure Handling": a serialization failure and a deadlock.
pub(super) fn is_transient(error: &(dyn DatabaseError + 'static)) -> bool {
    matches!(code(error), Some("40001" | "40P01"))
}

pub(crate) fn code<'a>(error: &'a (dyn DatabaseError + 'static)) -> Option<&'a str> {
    error.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code)
}
