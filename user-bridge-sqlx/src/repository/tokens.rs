//! One-time tokens in their table, as digests.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{TokenDigest, TokenPurpose, UserId},
    port::TokenRepository,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Store;
use crate::row::to_milliseconds;

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
            .bind(to_milliseconds(expires_at));
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
            let consume = sqlx::query_scalar(
                "DELETE FROM dullahan_one_time_tokens \
                 WHERE digest = $1 AND purpose = $2 AND expires_at > $3 RETURNING user_id",
            )
            .bind(digest.as_bytes().as_slice())
            .bind(purpose.as_str())
            .bind(to_milliseconds(now));
            let user: Option<Uuid> =
                consume.fetch_optional(&mut *connection).await.map_err(store_error)?;
            let Some(user) = user else { return Ok(None) };
            let others = sqlx::query(
                "DELETE FROM dullahan_one_time_tokens WHERE user_id = $1 AND purpose = $2",
            )
            .bind(user)
            .bind(purpose.as_str());
            others.execute(&mut *connection).await.map_err(store_error)?;
            Ok(Some(UserId::from_uuid(user)))
        })
    }
}
