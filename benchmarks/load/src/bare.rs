//! The route that the session lookup is compared with: the same statement, and nothing else around it.

use std::error::Error;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::get,
};
use dullahan_user::domain::Token;
use serde_json::{Value, json};
use sqlx::{
    Row,
    postgres::{PgPool, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions},
};
use time::OffsetDateTime;
use uuid::Uuid;

const STATEMENT: &str = "SELECT s.id, s.user_id, s.transport, s.created_at, s.authenticated_at, \
     s.last_seen_at, s.expires_at, \
     u.email, u.display_name, u.locale, u.status, u.created_at AS registered_at, u.activated_at, \
     (SELECT string_agg(role, ',') FROM dullahan_user_roles WHERE user_id = u.id) AS roles \
     FROM dullahan_sessions s JOIN dullahan_users u ON u.id = s.user_id WHERE s.token_digest = $1";

pub(crate) async fn sqlite(url: &str) -> Result<Router, Box<dyn Error>> {
    let options: SqliteConnectOptions = url.parse()?;
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options.pragma("query_only", "ON").pragma("mmap_size", "1073741824"))
        .await?;
    Ok(Router::new().route("/bare/account", get(account_in_sqlite)).with_state(pool))
}

pub(crate) async fn postgres(url: &str) -> Result<Router, Box<dyn Error>> {
    let pool = PgPoolOptions::new().test_before_acquire(false).connect(url).await?;
    Ok(Router::new().route("/bare/account", get(account_in_postgres)).with_state(pool))
}

async fn account_in_sqlite(
    State(pool): State<SqlitePool>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    let digest = digest(&headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let row = sqlx::query(STATEMENT).bind(&digest[..]).fetch_one(&pool).await.map_err(failed)?;
    let created_at: i64 = row.try_get("registered_at").map_err(failed)?;
    let created_at = OffsetDateTime::from_unix_timestamp(created_at / 1000)
        .map_err(|_| failed(sqlx::Error::RowNotFound))?;
    let id: Uuid = row.try_get("user_id").map_err(failed)?;
    let (email, name): (&str, Option<&str>) =
        (row.try_get("email").map_err(failed)?, row.try_get("display_name").map_err(failed)?);
    let (status, roles) =
        (row.try_get("status").map_err(failed)?, row.try_get("roles").map_err(failed)?);
    Ok(Json(written(id, email, name, status, roles, created_at)))
}

async fn account_in_postgres(
    State(pool): State<PgPool>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    let digest = digest(&headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let row = sqlx::query(STATEMENT).bind(&digest[..]).fetch_one(&pool).await.map_err(failed)?;
    let created_at: OffsetDateTime = row.try_get("registered_at").map_err(failed)?;
    let id: Uuid = row.try_get("user_id").map_err(failed)?;
    let (email, name): (&str, Option<&str>) =
        (row.try_get("email").map_err(failed)?, row.try_get("display_name").map_err(failed)?);
    let (status, roles) =
        (row.try_get("status").map_err(failed)?, row.try_get("roles").map_err(failed)?);
    Ok(Json(written(id, email, name, status, roles, created_at)))
}

/// The digest of the bearer token, by which a session is found.
fn digest(headers: &HeaderMap) -> Option<[u8; 32]> {
    let token = headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
    let token: Token = token.parse().ok()?;
    Some(*token.digest().as_bytes())
}

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
