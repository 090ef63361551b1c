//! Deleting what is over, so many rows at a time.

use dullahan_core::Result;
use dullahan_core_bridge_sqlx::store_error;
use time::OffsetDateTime;

use super::Connection;
use crate::timestamp::Timestamp;

/// The statement that deletes the rows of a table that are the longest over, by the index of that column.
///
/// Rows that others are at are left for the next time, so it waits for nobody. The rows are looked for once:
/// without `MATERIALIZED` PostgreSQL may plan to look again for each, and find other ones.
///
/// The last argument is a further condition on the rows, if there is one.
macro_rules! purge_oldest {
    ($table:literal, $id:literal, $time:literal) => {
        purge_oldest!($table, $id, $time, "")
    };
    ($table:literal, $id:literal, $time:literal, $condition:literal) => {
        concat!(
            "WITH over AS MATERIALIZED (SELECT ",
            $id,
            " AS id FROM ",
            $table,
            " WHERE ",
            $time,
            " < $1 ",
            $condition,
            " ORDER BY ",
            $time,
            " LIMIT $2 ",
            locking!("FOR UPDATE SKIP LOCKED"),
            ") DELETE FROM ",
            $table,
            " WHERE ",
            $id,
            " IN (SELECT id FROM over)"
        )
    };
}

pub(super) use purge_oldest;

/// Runs such a statement; how many rows it was.
pub(super) async fn purge(
    connection: &mut Connection,
    statement: &'static str,
    before: OffsetDateTime,
    limit: u64,
) -> Result<u64> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let delete = sqlx::query(statement).bind(Timestamp::from(before)).bind(limit);
    let done = delete.execute(connection).await.map_err(store_error)?;
    Ok(done.rows_affected())
}
