//! Changes of addresses in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{EmailChange, EmailChangeId, Mailbox, UserId},
    port::EmailChangeRepository,
};
use time::OffsetDateTime;

use super::{
    Row, Store,
    account_lock::AccountOf,
    purge::purge,
    row::{column, email, id, time},
};
use crate::timestamp::Timestamp;

/// Changes of addresses in their table. Tokens and mails refer to them and go with them.
pub(super) struct EmailChanges {
    store: Store,
}

impl EmailChanges {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

impl EmailChangeRepository for EmailChanges {
    fn replace<'a>(
        &'a self,
        context: &'a Context,
        change: &'a EmailChange,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(change.user_id).lock(&mut connection).await?;
            let delete = sqlx::query("DELETE FROM dullahan_email_changes WHERE user_id = $1")
                .bind(change.user_id.as_uuid());
            delete.execute(&mut *connection).await.map_err(store_error)?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_email_changes \
                 (id, user_id, email, confirmed_by_current, confirmed_by_new, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(change.id.as_uuid())
            .bind(change.user_id.as_uuid())
            .bind(change.email.as_str())
            .bind(change.confirmed_by_current)
            .bind(change.confirmed_by_new)
            .bind(Timestamp::from(change.created_at))
            .bind(Timestamp::from(change.expires_at));
            insert.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn find_of_user<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
    ) -> BoxFuture<'a, Result<Option<EmailChange>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(
                "SELECT id, user_id, email, confirmed_by_current, confirmed_by_new, created_at, expires_at \
                 FROM dullahan_email_changes WHERE user_id = $1",
            )
            .bind(user.as_uuid());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(email_change).transpose()
        })
    }

    fn confirm<'a>(
        &'a self,
        context: &'a Context,
        id: EmailChangeId,
        mailbox: Mailbox,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<EmailChange>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::EmailChange(id).lock(&mut connection).await?;
            let update = sqlx::query(
                "UPDATE dullahan_email_changes SET \
                 confirmed_by_current = confirmed_by_current OR $3, \
                 confirmed_by_new = confirmed_by_new OR $4 \
                 WHERE id = $1 AND expires_at > $2 RETURNING \
                 id, user_id, email, confirmed_by_current, confirmed_by_new, created_at, expires_at",
            )
            .bind(id.as_uuid())
            .bind(Timestamp::from(now))
            .bind(mailbox == Mailbox::Current)
            .bind(mailbox == Mailbox::New);
            let row = update.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(email_change).transpose()
        })
    }

    fn delete<'a>(
        &'a self,
        context: &'a Context,
        id: EmailChangeId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::EmailChange(id).lock(&mut connection).await?;
            let delete =
                sqlx::query("DELETE FROM dullahan_email_changes WHERE id = $1").bind(id.as_uuid());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn delete_of_user<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(user).lock(&mut connection).await?;
            let delete = sqlx::query("DELETE FROM dullahan_email_changes WHERE user_id = $1")
                .bind(user.as_uuid());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        lapsed_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            // Tokens and mails go with a change, and somebody may be at those: so what is locked is the account.
            let lapsed = concat!(
                "WITH over AS MATERIALIZED (SELECT c.id FROM dullahan_email_changes c \
                 JOIN dullahan_users u ON u.id = c.user_id WHERE c.expires_at < $1 \
                 ORDER BY c.expires_at LIMIT $2 ",
                locking!("FOR NO KEY UPDATE OF u SKIP LOCKED"),
                ") DELETE FROM dullahan_email_changes WHERE id IN (SELECT id FROM over)"
            );
            purge(&mut connection, lapsed, lapsed_before, u64::from(limit)).await
        })
    }
}

fn email_change(row: &Row) -> Result<EmailChange> {
    Ok(EmailChange {
        id: id(row, "id", EmailChangeId::from_uuid)?,
        user_id: id(row, "user_id", UserId::from_uuid)?,
        email: email(row, "email")?,
        confirmed_by_current: column(row, "confirmed_by_current")?,
        confirmed_by_new: column(row, "confirmed_by_new")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
    })
}
