//! The session lookup in one statement.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use dullahan_user::domain::Token;
use serde_json::Value;
use sqlx::{Row, postgres::PgPool, sqlite::SqlitePool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{failed, written};

const STATEMENT: &str = "SELECT s.id, s.user_id, s.transport, s.created_at, s.authenticated_at, \
     s.last_seen_at, s.expires_at, \
     u.email, u.display_name, u.locale, u.status, u.created_at AS registered_at, u.activated_at, \
     (SELECT string_agg(role, ',') FROM dullahan_user_roles WHERE user_id = u.id) AS roles \
     FROM dullahan_sessions s JOIN dullahan_users u ON u.id = s.user_id WHERE s.token_digest = $1";

pub(super) async fn in_sqlite(
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

pub(super) async fn in_postgres(
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
