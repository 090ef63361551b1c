//! One-time tokens in their table, as digests.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{TokenDigest, TokenPurpose, UserId},
    port::TokenRepository,
};
use time::OffsetDateTime;

use super::{
    Store,
    row::{column, id},
};
use crate::timestamp::Timestamp;

/// One-time tokens in their table.
pub(super) struct Tokens {
    store: Store,
}

impl Tokens {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

impl TokenRepository for Tokens {
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        user: UserId,
        expires_at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_one_time_tokens (digest, purpose, user_id, expires_at) \
                 VALUES ($1, $2, $3, $4)",
            )
            .bind(digest.as_bytes().as_slice())
            .bind(purpose.as_str())
            .bind(user.as_uuid())
            .bind(Timestamp::from(expires_at));
            insert.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn consume<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<UserId>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            // One statement, so that of two tries with two tokens of one user none waits for the other for ever.
            let consume = sqlx::query(
                "DELETE FROM dullahan_one_time_tokens WHERE purpose = $2 AND user_id = (\
                 SELECT user_id FROM dullahan_one_time_tokens \
                 WHERE digest = $1 AND purpose = $2 AND expires_at > $3) \
                 RETURNING digest, user_id",
            )
            .bind(digest.as_bytes().as_slice())
            .bind(purpose.as_str())
            .bind(Timestamp::from(now));
            let used_up = consume.fetch_all(&mut *connection).await.map_err(store_error)?;
            for row in &used_up {
                if column::<&[u8]>(row, "digest")? == digest.as_bytes() {
                    return id(row, "user_id", UserId::from_uuid).map(Some);
                }
            }
            Ok(None)
        })
    }
}
