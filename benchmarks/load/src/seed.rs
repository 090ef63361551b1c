//! Users and sessions, as many as wanted.

use std::{error::Error, fs};

use dullahan_core_bridge_sqlx::{PostgresStore, SqliteStore};
use dullahan_user::{
    domain::Token,
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::PasswordHasher,
};
use sqlx::{Connection, PgConnection, SqliteConnection};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How many of the sessions have a token that is written down.
const TOKENS: u32 = 5_000;

/// Fills an empty database with users `user1@x.test` and so on, all with one password and one session each. Writes
/// the tokens of the first sessions into a file, one a line.
pub(crate) async fn fill(url: &str, users: u32, tokens: &str) -> Result<(), Box<dyn Error>> {
    let hasher = Argon2Hasher::new(Argon2Settings::default())?;
    let hash = hasher.hash(&"correct horse battery staple".parse()?).await?;
    let hash = hash.as_phc();
    let known: Vec<Token> = (1..=TOKENS.min(users)).map(token).collect();
    let lines: Vec<String> = known.iter().map(|token| token.expose().to_string()).collect();
    fs::write(tokens, lines.join("\n"))?;
    let now = OffsetDateTime::now_utc();
    if url.starts_with("postgres") {
        dullahan_user_bridge_sqlx::migrate(&PostgresStore::open(url).await?).await?;
        let mut connection = PgConnection::connect(url).await?;
        let mut work = connection.begin().await?;
        sqlx::query(
            "INSERT INTO dullahan_users (id, email, email_key, password_hash, status, created_at, activated_at) \
             SELECT gen_random_uuid(), 'user' || n || '@x.test', 'user' || n || '@x.test', $2, 'active', $3, $3 \
             FROM generate_series(1, $1) AS n",
        )
        .bind(i32::try_from(users)?)
        .bind(hash)
        .bind(now)
        .execute(&mut *work)
        .await?;
        for (number, token) in (1_u32..).zip(&known) {
            sqlx::query(
                "INSERT INTO dullahan_sessions (id, token_digest, user_id, transport, created_at, \
                 authenticated_at, last_seen_at, expires_at) \
                 SELECT $1, $2, id, 'bearer', $3, $3, $4, $5 FROM dullahan_users WHERE email_key = $6",
            )
            .bind(Uuid::now_v7())
            .bind(&token.digest().as_bytes()[..])
            .bind(now)
            .bind(now + Duration::hours(12))
            .bind(now + Duration::days(20))
            .bind(format!("user{number}@x.test"))
            .execute(&mut *work)
            .await?;
        }
        sqlx::query(
            "INSERT INTO dullahan_sessions (id, token_digest, user_id, transport, created_at, \
             authenticated_at, last_seen_at, expires_at) \
             SELECT gen_random_uuid(), sha256(id::text::bytea), id, 'bearer', $1, $1, $1, $2 FROM dullahan_users",
        )
        .bind(now)
        .bind(now + Duration::days(20))
        .execute(&mut *work)
        .await?;
        work.commit().await?;
        sqlx::query("VACUUM ANALYZE").execute(&mut connection).await?;
        return Ok(());
    }
    dullahan_user_bridge_sqlx::migrate(&SqliteStore::open(url).await?).await?;
    let mut connection = SqliteConnection::connect(url).await?;
    let mut work = connection.begin().await?;
    let milliseconds = |time: OffsetDateTime| time.unix_timestamp() * 1000;
    sqlx::query(
        "INSERT INTO dullahan_users (id, email, email_key, password_hash, status, created_at, activated_at) \
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1) \
         SELECT randomblob(16), 'user' || n || '@x.test', 'user' || n || '@x.test', $2, 'active', $3, $3 FROM numbers",
    )
    .bind(users)
    .bind(hash)
    .bind(milliseconds(now))
    .execute(&mut *work)
    .await?;
    for (number, token) in (1_u32..).zip(&known) {
        sqlx::query(
            "INSERT INTO dullahan_sessions (id, token_digest, user_id, transport, created_at, \
             authenticated_at, last_seen_at, expires_at) \
             SELECT $1, $2, id, 'bearer', $3, $3, $4, $5 FROM dullahan_users WHERE email_key = $6",
        )
        .bind(Uuid::now_v7())
        .bind(&token.digest().as_bytes()[..])
        .bind(milliseconds(now))
        .bind(milliseconds(now + Duration::hours(12)))
        .bind(milliseconds(now + Duration::days(20)))
        .bind(format!("user{number}@x.test"))
        .execute(&mut *work)
        .await?;
    }
    sqlx::query(
        "INSERT INTO dullahan_sessions (id, token_digest, user_id, transport, created_at, \
         authenticated_at, last_seen_at, expires_at) \
         SELECT randomblob(16), randomblob(32), id, 'bearer', $1, $1, $1, $2 FROM dullahan_users",
    )
    .bind(milliseconds(now))
    .bind(milliseconds(now + Duration::days(20)))
    .execute(&mut *work)
    .await?;
    work.commit().await?;
    Ok(())
}

/// A token that is the same in every run: no secret, and like no other.
fn token(number: u32) -> Token {
    let mut bytes = [7; Token::BYTES];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Token::from_bytes(bytes)
}
