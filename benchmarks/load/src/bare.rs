//! The routes that the module's are compared with: the same statements, and no more around them than they need.

mod account;
mod log_in;

use std::error::Error;

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use dullahan_user::infrastructure::{Argon2Hasher, Argon2Settings};
use serde_json::{Value, json};
use sqlx::{
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous},
};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) async fn sqlite(url: &str) -> Result<Router, Box<dyn Error>> {
    let options: SqliteConnectOptions = url.parse()?;
    let options = options.foreign_keys(true).pragma("mmap_size", "1073741824");
    let pool = |connections| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
    };
    let reads = pool(4).connect_with(options.clone().pragma("query_only", "ON")).await?;
    let writes = pool(1).connect_with(options.synchronous(SqliteSynchronous::Full)).await?;
    let hasher = Argon2Hasher::new(Argon2Settings::default())?;
    let log_in = log_in::Sqlite::new(reads.clone(), writes, hasher);
    Ok(Router::new()
        .route("/bare/account", get(account::in_sqlite))
        .with_state(reads)
        .merge(Router::new().route("/bare/auth/login", post(log_in::in_sqlite)).with_state(log_in)))
}

pub(crate) async fn postgres(url: &str) -> Result<Router, Box<dyn Error>> {
    let pool = PgPoolOptions::new().test_before_acquire(false).connect(url).await?;
    let hasher = Argon2Hasher::new(Argon2Settings::default())?;
    let log_in = log_in::Postgres::new(pool.clone(), pool.clone(), hasher);
    Ok(Router::new().route("/bare/account", get(account::in_postgres)).with_state(pool).merge(
        Router::new().route("/bare/auth/login", post(log_in::in_postgres)).with_state(log_in),
    ))
}

/// An account, as it is answered.
fn written(
    id: Uuid,
    email: &str,
    display_name: Option<&str>,
    status: &str,
    roles: Option<&str>,
    created_at: OffsetDateTime,
) -> Value {
    let created_at = created_at.format(&time::format_description::well_known::Rfc3339);
    json!({
        "id": id.to_string(),
        "email": email,
        "display_name": display_name,
        "locale": null,
        "status": status,
        "roles": roles.map_or_else(Vec::new, |roles| roles.split(',').collect()),
        "created_at": created_at.unwrap_or_default(),
    })
}

fn failed(_: sqlx::Error) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}
