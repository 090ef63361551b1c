//! What a handler has to do without the module: the statement that finds a session, and no more.

use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, SqlitePool};

#[derive(Clone)]
pub(crate) struct Statement {
    pool: SqlitePool,
}

impl Statement {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// The address of the signed-in user.
    pub(crate) async fn email(&self, authorization: Option<&[u8]>) -> Option<String> {
        let value = HeaderValue::from_bytes(authorization?).ok()?;
        let token = decode(value.to_str().ok()?.strip_prefix("Bearer ")?)?;
        let digest = Sha256::digest(token);
        let row = sqlx::query(
            "SELECT s.id, s.user_id, s.transport, s.created_at, s.authenticated_at, \
             s.last_seen_at, s.expires_at, \
             u.email, u.display_name, u.locale, u.status, u.created_at AS registered_at, u.activated_at, \
             (SELECT string_agg(role, ',') FROM dullahan_user_roles WHERE user_id = u.id) AS roles \
             FROM dullahan_sessions s JOIN dullahan_users u ON u.id = s.user_id \
             WHERE s.token_digest = $1",
        )
        .bind(digest.as_slice())
        .fetch_optional(&self.pool)
        .await
        .ok()??;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis();
        let is_live = u128::try_from(row.get::<i64, _>("expires_at")).ok()? > now;
        (is_live && row.get::<&str, _>("status") == "active").then(|| row.get("email"))
    }
}

/// Base64url, without a library's help.
fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::with_capacity(32));
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(bytes)
}
