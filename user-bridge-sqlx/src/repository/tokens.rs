//! One-time tokens in their table, as digests.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{EmailChangeId, NewOneTimeToken, OneTimeGrant, TokenDigest, TokenPurpose, UserId},
    port::TokenRepository,
};
use time::OffsetDateTime;

use super::{
    Row, Store,
    account_lock::AccountOf,
    purge::{purge, purge_oldest},
    row::{column, id, id_if_any, time},
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
        token: &'a NewOneTimeToken,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_one_time_tokens \
                 (digest, purpose, user_id, email_change_id, expires_at) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(token.digest.as_bytes().as_slice())
            .bind(token.purpose.as_str())
            .bind(token.user_id.as_uuid())
            .bind(token.email_change_id.map(|id| id.as_uuid()))
            .bind(Timestamp::from(token.expires_at));
            insert.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn find<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OneTimeGrant>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(
                "SELECT user_id, email_change_id, expires_at FROM dullahan_one_time_tokens \
                 WHERE digest = $1 AND purpose = $2 AND expires_at > $3",
            )
            .bind(digest.as_bytes().as_slice())
            .bind(purpose.as_str())
            .bind(Timestamp::from(now));
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(grant).transpose()
        })
    }

    fn consume<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OneTimeGrant>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::Token(digest).lock(&mut connection).await?;
            let consume = sqlx::query(
                "DELETE FROM dullahan_one_time_tokens WHERE purpose = $2 AND user_id = (\
                 SELECT user_id FROM dullahan_one_time_tokens \
                 WHERE digest = $1 AND purpose = $2 AND expires_at > $3) \
                 RETURNING digest, user_id, email_change_id, expires_at",
            )
            .bind(digest.as_bytes().as_slice())
            .bind(purpose.as_str())
            .bind(Timestamp::from(now));
            let used_up = consume.fetch_all(&mut *connection).await.map_err(store_error)?;
            for row in &used_up {
                if column::<&[u8]>(row, "digest")? == digest.as_bytes() {
                    return grant(row).map(Some);
                }
            }
            Ok(None)
        })
    }

    fn delete_all<'a>(&'a self, context: &'a Context, user: UserId) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(user).lock(&mut connection).await?;
            let delete = sqlx::query("DELETE FROM dullahan_one_time_tokens WHERE user_id = $1")
                .bind(user.as_uuid());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected())
        })
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        expired_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let expired = purge_oldest!("dullahan_one_time_tokens", "digest", "expires_at");
            purge(&mut connection, expired, expired_before, u64::from(limit)).await
        })
    }
}

fn grant(row: &Row) -> Result<OneTimeGrant> {
    Ok(OneTimeGrant {
        user_id: id(row, "user_id", UserId::from_uuid)?,
        email_change_id: id_if_any(row, "email_change_id", EmailChangeId::from_uuid)?,
        expires_at: time(row, "expires_at")?,
    })
}
