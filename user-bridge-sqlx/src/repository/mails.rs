//! Owed mails in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{MailId, MailKind, OwedMail, UserId},
    port::MailQueue,
};
use sqlx::Row as _;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Store, users::user_with_id};
use crate::row::{parse, to_milliseconds};

/// Owed mails in their table.
pub(super) struct Mails {
    store: Store,
}

impl Mails {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

impl MailQueue for Mails {
    fn owe<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        kind: MailKind,
        now: OffsetDateTime,
        not_since: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_owed_mails (id, user_id, kind, created_at, due_at) \
                 SELECT $1, $2, $3, $4, $4 WHERE NOT EXISTS (\
                 SELECT 1 FROM dullahan_owed_mails \
                 WHERE user_id = $2 AND kind = $3 AND (sent_at IS NULL OR sent_at > $5))",
            )
            .bind(MailId::new().as_uuid())
            .bind(user.as_uuid())
            .bind(kind.as_str())
            .bind(to_milliseconds(now))
            .bind(to_milliseconds(not_since));
            let done = insert.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn claim<'a>(
        &'a self,
        context: &'a Context,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OwedMail>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let claim = sqlx::query(
                "UPDATE dullahan_owed_mails SET due_at = $2, attempts = attempts + 1 \
                 WHERE id = (SELECT id FROM dullahan_owed_mails \
                 WHERE sent_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT 1) \
                 RETURNING id, user_id, kind, attempts",
            )
            .bind(to_milliseconds(now))
            .bind(to_milliseconds(lease_until));
            let claimed = claim.fetch_optional(&mut *connection).await.map_err(store_error)?;
            let Some(claimed) = claimed else { return Ok(None) };
            let id: Uuid = claimed.try_get("id").map_err(store_error)?;
            let user_id: Uuid = claimed.try_get("user_id").map_err(store_error)?;
            let kind: &str = claimed.try_get("kind").map_err(store_error)?;
            let attempts: i64 = claimed.try_get("attempts").map_err(store_error)?;
            let select = sqlx::query(
                "SELECT email, display_name, status, created_at, activated_at \
                 FROM dullahan_users WHERE id = $1",
            )
            .bind(user_id);
            let row = select.fetch_one(&mut *connection).await.map_err(store_error)?;
            let user = user_with_id(&row, UserId::from_uuid(user_id), "created_at")?;
            Ok(Some(OwedMail {
                id: MailId::from_uuid(id),
                user_id: user.id,
                email: user.email,
                display_name: user.display_name,
                kind: parse("kind", kind)?,
                attempts: u32::try_from(attempts - 1).unwrap_or(u32::MAX),
            }))
        })
    }

    fn sent<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query("UPDATE dullahan_owed_mails SET sent_at = $2 WHERE id = $1")
                .bind(id.as_uuid())
                .bind(to_milliseconds(at));
            update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn postpone<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query("UPDATE dullahan_owed_mails SET due_at = $2 WHERE id = $1")
                .bind(id.as_uuid())
                .bind(to_milliseconds(until));
            update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }
}
