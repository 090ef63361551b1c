//! Owed mails in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{
        EmailAddress, EmailChangeId, MailId, MailKind, MailRequest, NewMail, OwedMail,
        RegistrationOrigin, UserId,
    },
    port::MailQueue,
};
use time::OffsetDateTime;

use super::{
    Connection, Row, Store,
    account_lock::AccountOf,
    purge::{purge, purge_oldest},
    row::{column, email, email_if_any, id, id_if_any, parsed, parsed_if_any, time, time_if_any},
};
use crate::timestamp::Timestamp;

/// Owed mails in their table.
pub(super) struct Mails {
    store: Store,
}

impl Mails {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

/// Claims the first mail that is due by this condition. Nobody else claims it meanwhile.
macro_rules! claim {
    ($is_due:literal) => {
        concat!(
            "UPDATE dullahan_owed_mails SET due_at = $2, attempts = attempts + 1 WHERE id = (\
             SELECT id FROM dullahan_owed_mails WHERE sent_at IS NULL AND ",
            $is_due,
            " ORDER BY due_at, id LIMIT 1 ",
            locking!("FOR UPDATE SKIP LOCKED"),
            ") RETURNING id, coalesce(user_id, former_user_id) AS user_id, kind, email_change_id, admitted, attempts, \
             coalesce(recipient, (SELECT email FROM dullahan_users u WHERE u.id = user_id)) AS email, \
             CASE WHEN recipient IS NULL THEN (SELECT display_name FROM dullahan_users u \
             WHERE u.id = user_id AND u.status = 'active') END AS display_name, \
             coalesce(locale, (SELECT u.locale FROM dullahan_users u WHERE u.id = user_id)) AS locale, \
             CASE WHEN recipient IS NULL THEN (SELECT created_at FROM dullahan_users u \
             WHERE u.id = user_id AND u.status = 'pending') END AS registered_at, \
             CASE WHEN recipient IS NULL THEN (SELECT closed_until FROM dullahan_users u \
             WHERE u.id = user_id) END AS closed_until, \
             (SELECT registered_from FROM dullahan_users u WHERE u.id = user_id) AS registered_from, \
             (SELECT c.email FROM dullahan_email_changes c WHERE c.id = email_change_id) AS new_email"
        )
    };
}

impl MailQueue for Mails {
    fn owe<'a>(
        &'a self,
        context: &'a Context,
        mail: &'a NewMail,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            // One that outlives its account does not refer to it.
            let (user_id, former_user_id) = match mail.kind.outlives_account() {
                false => (Some(mail.user_id.as_uuid()), None),
                true => (None, Some(mail.user_id.as_uuid())),
            };
            // The one that gives way is another mail from then on: a worker that is about to send it has no say
            // in what becomes of this one.
            let insert = sqlx::query(
                "INSERT INTO dullahan_owed_mails AS m \
                 (id, user_id, kind, recipient, recipient_key, email_change_id, created_at, due_at, \
                 former_user_id, locale, admitted) \
                 SELECT $1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10 WHERE NOT EXISTS (\
                 SELECT 1 FROM dullahan_users u JOIN dullahan_owed_mails o ON o.user_id = u.id \
                 WHERE u.email_key = (SELECT email_key FROM dullahan_users WHERE id = $2) AND o.kind = $3 \
                 AND o.sent_at IS NULL AND o.user_id <> $2 \
                 AND o.recipient_key IS NOT DISTINCT FROM $5) \
                 ON CONFLICT (user_id, kind) WHERE sent_at IS NULL DO UPDATE SET \
                 id = excluded.id, recipient = excluded.recipient, \
                 recipient_key = excluded.recipient_key, email_change_id = excluded.email_change_id, \
                 created_at = excluded.created_at, due_at = excluded.due_at, \
                 admitted = excluded.admitted, attempts = 0, asked_again = 0 \
                 WHERE m.recipient_key IS DISTINCT FROM excluded.recipient_key \
                 OR m.email_change_id IS DISTINCT FROM excluded.email_change_id",
            )
            .bind(MailId::new().as_uuid())
            .bind(user_id)
            .bind(mail.kind.as_str())
            .bind(mail.recipient.as_ref().map(|recipient| recipient.as_str()))
            .bind(mail.recipient.as_ref().map(|recipient| recipient.key()))
            .bind(mail.email_change_id.map(|id| id.as_uuid()))
            .bind(Timestamp::from(now))
            .bind(former_user_id)
            .bind(mail.locale.as_ref().map(|locale| locale.as_str()))
            .bind(false);
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
            .bind(mail.user_id.as_uuid())
            .bind(mail.kind.as_str());
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
            let claim = sqlx::query(claim!("due_at <= $1"))
                .bind(Timestamp::from(now))
                .bind(Timestamp::from(lease_until));
            let mut row = claim.fetch_optional(&mut *connection).await.map_err(store_error)?;
            if row.is_none() {
                let latest = OwedMail::due_at_latest(now, lease_until);
                let claim = sqlx::query(claim!("due_at > $1"))
                    .bind(Timestamp::from(latest))
                    .bind(Timestamp::from(lease_until));
                row = claim.fetch_optional(&mut *connection).await.map_err(store_error)?;
            }
            let Some(row) = row else { return Ok(None) };
            match owed(&row) {
                Ok(mail) => Ok(Some(mail)),
                // The claim stands, so that it keeps no other waiting. A newer program may know what to do with it.
                Err(error) => {
                    let mail = id(&row, "id", MailId::from_uuid)?;
                    tracing::error!(%mail, %error, "an owed mail cannot be read; it is left until its lease ends");
                    Ok(None)
                }
            }
        })
    }

    fn admit<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query(
                "UPDATE dullahan_owed_mails SET admitted = $2 WHERE id = $1 AND sent_at IS NULL",
            )
            .bind(id.as_uuid())
            .bind(true);
            let done = update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn withhold<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let delete =
                sqlx::query("DELETE FROM dullahan_owed_mails WHERE id = $1 AND sent_at IS NULL")
                    .bind(id.as_uuid());
            delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
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
            forget_if_of_nobody(&mut connection, id).await?;
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

    fn give_up<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            forget_if_of_nobody(&mut connection, id).await?;
            let update = sqlx::query(
                "UPDATE dullahan_owed_mails SET sent_at = $2, given_up = $3 \
                 WHERE id = $1 AND sent_at IS NULL",
            )
            .bind(id.as_uuid())
            .bind(Timestamp::from(at))
            .bind(true);
            update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn withdraw<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        kind: MailKind,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(user).lock(&mut connection).await?;
            let delete = sqlx::query(
                "DELETE FROM dullahan_owed_mails WHERE user_id = $1 AND kind = $2 AND sent_at IS NULL",
            )
            .bind(user.as_uuid())
            .bind(kind.as_str());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn is_owed<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select =
                sqlx::query("SELECT 1 FROM dullahan_owed_mails WHERE id = $1 AND sent_at IS NULL")
                    .bind(id.as_uuid());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            Ok(row.is_some())
        })
    }

    fn delete_all<'a>(&'a self, context: &'a Context, user: UserId) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(user).lock(&mut connection).await?;
            let delete = sqlx::query("DELETE FROM dullahan_owed_mails WHERE user_id = $1")
                .bind(user.as_uuid());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected())
        })
    }

    fn delete_requests<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let delete = sqlx::query("DELETE FROM dullahan_mail_requests WHERE email_key = $1")
                .bind(email.key());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected())
        })
    }

    fn request<'a>(
        &'a self,
        context: &'a Context,
        request: &'a MailRequest,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_mail_requests (email, email_key, kind, requested_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (email_key, kind) DO NOTHING",
            )
            .bind(request.email.as_str())
            .bind(request.email.key())
            .bind(request.kind.as_str())
            .bind(Timestamp::from(request.requested_at));
            insert.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn take_request<'a>(
        &'a self,
        context: &'a Context,
        skip: u32,
    ) -> BoxFuture<'a, Result<Option<MailRequest>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let take = sqlx::query(concat!(
                "DELETE FROM dullahan_mail_requests WHERE id = (\
                 SELECT id FROM dullahan_mail_requests ORDER BY requested_at, id LIMIT 1 OFFSET $1 ",
                locking!("FOR UPDATE SKIP LOCKED"),
                ") RETURNING email, kind, requested_at"
            ))
            .bind(i64::from(skip));
            let row = take.fetch_optional(&mut *connection).await.map_err(store_error)?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some(MailRequest {
                email: email(&row, "email")?,
                kind: parsed(&row, "kind")?,
                requested_at: time(&row, "requested_at")?,
            }))
        })
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        settled_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let settled = purge_oldest!("dullahan_owed_mails", "id", "sent_at");
            purge(&mut connection, settled, settled_before, u64::from(limit)).await
        })
    }
}

/// Deletes a mail that has outlived its account: nothing is to be kept of who has left.
async fn forget_if_of_nobody(connection: &mut Connection, id: MailId) -> Result<()> {
    let delete = sqlx::query("DELETE FROM dullahan_owed_mails WHERE id = $1 AND user_id IS NULL")
        .bind(id.as_uuid());
    delete.execute(connection).await.map_err(store_error)?;
    Ok(())
}

fn owed(row: &Row) -> Result<OwedMail> {
    let claims: i64 = column(row, "attempts")?;
    Ok(OwedMail {
        id: id(row, "id", MailId::from_uuid)?,
        user_id: id(row, "user_id", UserId::from_uuid)?,
        email: email(row, "email")?,
        // A mail is worth more than its greeting and its language.
        display_name: parsed_if_any(row, "display_name").unwrap_or_default(),
        locale: parsed_if_any(row, "locale").unwrap_or_default(),
        kind: parsed(row, "kind")?,
        email_change_id: id_if_any(row, "email_change_id", EmailChangeId::from_uuid)?,
        new_email: email_if_any(row, "new_email")?,
        registration: time_if_any(row, "registered_at")?.map(|at| RegistrationOrigin {
            at,
            address: parsed_if_any(row, "registered_from").unwrap_or_default(),
        }),
        closed_until: time_if_any(row, "closed_until")?,
        is_admitted: column(row, "admitted")?,
        attempts: u32::try_from(claims - 1).unwrap_or(u32::MAX),
    })
}
