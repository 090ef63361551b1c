//! Whether a pooler between the program and PostgreSQL keeps apart what belongs to each connection.

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::opening::connect;

/// A pooler gives the connection of one client to another one between two transactions, and not all that goes with it.
#[derive(Debug, thiserror::Error)]
#[error(
    "a pooler, such as PgBouncer, mixes up {what} of its clients; set `pool_mode = session` for this database, or, in \
     PgBouncer 1.21 or later, `max_prepared_statements = 100` and \
     `track_extra_parameters = IntervalStyle, default_transaction_read_only`"
)]
pub(super) struct MixesUp {
    what: &'static str,
}

const SERVER: &str = "SELECT pg_backend_pid()";

/// Tries it out with two connections at once: what one prepares and sets must not be there for the other one.
pub(super) async fn check(
    options: &PgConnectOptions,
    one: &mut PgConnection,
) -> Result<Result<(), MixesUp>, sqlx::Error> {
    let mut other = connect(options).await?;
    let outcome = match servers(one, &mut other).await {
        Ok([first, other_one, again]) if first == again && first != other_one => Ok(()),
        Ok(_) => mixes_up_settings(one, &mut other).await?,
        Err(sqlx::Error::Database(refused)) if is_of_another(refused.code().as_deref()) => {
            // Nothing of ours is left for other clients to stumble over.
            let _ = one.clear_cached_statements().await;
            Err(MixesUp { what: "prepared statements" })
        }
        Err(error) => return Err(error),
    };
    drop(other.close().await);
    Ok(outcome)
}

/// Which server's process answers: one, the other, and the first one again. sqlx gives the first statement of each
/// connection the same name.
async fn servers(
    one: &mut PgConnection,
    other: &mut PgConnection,
) -> Result<[i32; 3], sqlx::Error> {
    Ok([
        sqlx::query_scalar(SERVER).fetch_one(&mut *one).await?,
        sqlx::query_scalar("SELECT pg_backend_pid() + 0").fetch_one(other).await?,
        sqlx::query_scalar(SERVER).fetch_one(one).await?,
    ])
}

/// PostgreSQL, "Error Codes": `duplicate_prepared_statement`, `invalid_sql_statement_name`.
fn is_of_another(code: Option<&str>) -> bool {
    matches!(code, Some("42P05" | "26000"))
}

async fn mixes_up_settings(
    one: &mut PgConnection,
    other: &mut PgConnection,
) -> Result<Result<(), MixesUp>, sqlx::Error> {
    let current = "SELECT current_setting('default_transaction_read_only')";
    let before: String = sqlx::query_scalar(current).fetch_one(&mut *other).await?;
    let set = match before.as_str() {
        "on" => "SET default_transaction_read_only = off",
        _ => "SET default_transaction_read_only = on",
    };
    sqlx::raw_sql(set).execute(&mut *one).await?;
    let after: String = sqlx::query_scalar(current).fetch_one(&mut *other).await?;
    sqlx::raw_sql("RESET default_transaction_read_only").execute(&mut *one).await?;
    Ok(if before == after { Ok(()) } else { Err(MixesUp { what: "settings" }) })
}
