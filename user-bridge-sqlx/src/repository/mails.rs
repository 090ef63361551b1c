//! Owed mails in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{MailId, MailKind, OwedMail, UserId},
    port::MailQueue,
};
use time::OffsetDateTime;

use super::{
    CLAIM, Store,
    row::{column, id, parsed, parsed_if_any},
};
use crate::timestamp::Timestamp;

/// The statement that claims a mail, with what keeps others from claiming the same.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE dullahan_owed_mails SET due_at = $2, attempts = attempts + 1 WHERE id = (\
             SELECT id FROM dullahan_owed_mails WHERE sent_at IS NULL AND due_at <= $1 \
             ORDER BY due_at, id LIMIT 1 ",
            $lock,
            ") RETURNING id, user_id, kind, attempts, \
             (SELECT email FROM dullahan_users u WHERE u.id = user_id) AS email, \
             (SELECT display_name FROM dullahan_users u WHERE u.id = user_id) AS display_name"
        )
    };
}

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
                 SELECT 1 FROM dullahan_owed_mails WHERE user_id = $2 AND kind = $3 AND sent_at > $5) \
                 ON CONFLICT (user_id, kind) WHERE sent_at IS NULL DO NOTHING",
            )
            .bind(MailId::new().as_uuid())
            .bind(user.as_uuid())
            .bind(kind.as_str())
            .bind(Timestamp::from(now))
            .bind(Timestamp::from(not_since));
            let done = insert.execute(&mut *connection).await.map_err(store_error)?;
            if done.rows_affected() > 0 {
                return Ok(true);
            }
            // Written down even so: a commit that changes nothing costs less than one that does, and the
            // difference would tell a free address from a taken one.
            let asked_again = sqlx::query(
                "UPDATE dullahan_owed_mails SET asked_again = asked_again + 1 \
                 WHERE id = (SELECT id FROM dullahan_owed_mails WHERE user_id = $1 AND kind = $2 \
                 ORDER BY created_at DESC LIMIT 1)",
            )
            .bind(user.as_uuid())
            .bind(kind.as_str());
            asked_again.execute(&mut *connection).await.map_err(store_error)?;
            Ok(false)
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
            let claim =
                sqlx::query(CLAIM).bind(Timestamp::from(now)).bind(Timestamp::from(lease_until));
            let row = claim.fetch_optional(&mut *connection).await.map_err(store_error)?;
            let Some(row) = row else { return Ok(None) };
            let claims: i64 = column(&row, "attempts")?;
            Ok(Some(OwedMail {
                id: id(&row, "id", MailId::from_uuid)?,
                user_id: id(&row, "user_id", UserId::from_uuid)?,
                email: parsed(&row, "email")?,
                display_name: parsed_if_any(&row, "display_name")?,
                kind: parsed(&row, "kind")?,
                attempts: u32::try_from(claims - 1).unwrap_or(u32::MAX),
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
            let update = sqlx::query(
                "UPDATE dullahan_owed_mails SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL",
            )
            .bind(id.as_uuid())
            .bind(Timestamp::from(at));
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
            let update = sqlx::query(
                "UPDATE dullahan_owed_mails SET due_at = $2 WHERE id = $1 AND sent_at IS NULL",
            )
            .bind(id.as_uuid())
            .bind(Timestamp::from(until));
            update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }
}
