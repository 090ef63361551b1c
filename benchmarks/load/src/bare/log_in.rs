//! A login by hand: the try is counted before the password is looked at, no transaction is open while it is hashed, and
//! the session begins together with the tries being forgotten.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use dullahan_user::{
    domain::{AttemptKey, PasswordHash},
    infrastructure::{Argon2Hasher, RandomTokens},
    port::{PasswordHasher, TokenGenerator, Verification},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::{PgPool, Row, SqlitePool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{failed, written};

const COUNT: &str = "INSERT INTO dullahan_attempts AS a (digest, attempts, over_at) VALUES ($1, $4, $3) \
     ON CONFLICT (digest) DO UPDATE SET \
     attempts = CASE WHEN a.over_at > $2 THEN a.attempts + 1 ELSE excluded.attempts END, \
     over_at = CASE WHEN a.over_at > $2 THEN a.over_at ELSE excluded.over_at END \
     WHERE a.over_at <= $2 OR a.attempts < $5 \
     RETURNING attempts, over_at";
const FIND: &str = "SELECT id, email, display_name, status, created_at, password_hash, \
     (SELECT string_agg(role, ',') FROM dullahan_user_roles WHERE user_id = dullahan_users.id) AS roles \
     FROM dullahan_users WHERE email_key = $1";
const INSERT: &str = "INSERT INTO dullahan_sessions \
     (id, token_digest, user_id, transport, created_at, authenticated_at, last_seen_at, expires_at, user_agent, address) \
     VALUES ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8)";
const FORGET: &str = "DELETE FROM dullahan_attempts WHERE digest = $1";

#[derive(Deserialize)]
pub(super) struct Credentials {
    identifier: String,
    password: String,
    transport: String,
}

macro_rules! log_in {
    ($State:ident, $Pool:ty, $function:ident, $begin:literal, $lock:literal, $Time:ty, $stored:expr, $read:expr) => {
        #[derive(Clone)]
        pub(super) struct $State {
            reads: $Pool,
            writes: $Pool,
            hasher: Arc<Argon2Hasher>,
        }

        impl $State {
            pub(super) fn new(reads: $Pool, writes: $Pool, hasher: Argon2Hasher) -> Self {
                Self { reads, writes, hasher: Arc::new(hasher) }
            }
        }

        pub(super) async fn $function(
            State(state): State<$State>,
            Json(asked): Json<Credentials>,
        ) -> Result<Json<Value>, StatusCode> {
            let (stored, read) = ($stored, $read);
            let now = OffsetDateTime::now_utc();
            let key = AttemptKey::of_identifier(&asked.identifier);
            let count = sqlx::query(COUNT)
                .bind(&key.as_bytes()[..])
                .bind(stored(now))
                .bind(stored(now + Duration::minutes(15)))
                .bind(1_i64)
                .bind(10_i64)
                .fetch_optional(&state.writes)
                .await;
            count.map_err(failed)?.ok_or(StatusCode::TOO_MANY_REQUESTS)?;
            let password = asked.password.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
            let find = sqlx::query(FIND).bind(&asked.identifier);
            let user = find.fetch_one(&state.reads).await.map_err(failed)?;
            let hash: String = user.try_get("password_hash").map_err(failed)?;
            let hash = PasswordHash::from_phc(hash).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
            let verified = state.hasher.verify(&password, Some(&hash)).await;
            let Ok(Verification::Match) = verified else { return Err(StatusCode::UNAUTHORIZED) };
            let user_id: Uuid = user.try_get("id").map_err(failed)?;
            let token = RandomTokens.generate().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
            let mut work = state.writes.begin_with($begin).await.map_err(failed)?;
            let locked = sqlx::query($lock).bind(user_id).fetch_one(&mut *work).await.map_err(failed)?;
            if locked.try_get::<&str, _>("password_hash").map_err(failed)? != hash.as_phc() {
                return Err(StatusCode::UNAUTHORIZED);
            }
            sqlx::query(INSERT)
                .bind(Uuid::now_v7())
                .bind(&token.digest().as_bytes()[..])
                .bind(user_id)
                .bind(&asked.transport)
                .bind(stored(now))
                .bind(stored(now + Duration::days(30)))
                .bind(None::<&str>)
                .bind("127.0.0.1")
                .execute(&mut *work)
                .await
                .map_err(failed)?;
            sqlx::query(FORGET).bind(&key.as_bytes()[..]).execute(&mut *work).await.map_err(failed)?;
            work.commit().await.map_err(failed)?;
            let created_at: $Time = user.try_get("created_at").map_err(failed)?;
            let (email, name) =
                (user.try_get("email").map_err(failed)?, user.try_get("display_name").map_err(failed)?);
            let (status, roles) =
                (user.try_get("status").map_err(failed)?, user.try_get("roles").map_err(failed)?);
            Ok(Json(json!({
                "access_token": token.expose().to_string(),
                "expires_in": 2_592_000,
                "token_type": "Bearer",
                "user": written(user_id, email, name, status, roles, read(created_at)),
            })))
        }
    };
}

log_in!(
    Sqlite,
    SqlitePool,
    in_sqlite,
    "BEGIN IMMEDIATE",
    "SELECT password_hash FROM dullahan_users WHERE id = $1",
    i64,
    |time: OffsetDateTime| time.unix_timestamp() * 1000,
    |time: i64| OffsetDateTime::from_unix_timestamp(time / 1000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
);
log_in!(
    Postgres,
    PgPool,
    in_postgres,
    "BEGIN",
    "SELECT password_hash FROM dullahan_users WHERE id = $1 FOR NO KEY UPDATE",
    OffsetDateTime,
    |time: OffsetDateTime| time,
    |time: OffsetDateTime| time
);
