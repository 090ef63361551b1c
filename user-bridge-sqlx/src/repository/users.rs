//! Users in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{
        AccountChanges, Credentials, EmailAddress, NewUser, PasswordHash, PendingUser, Role, User,
        UserId, UserStatus,
    },
    port::{AddressChange, Insertion, RoleChange, UserRepository},
};
use time::OffsetDateTime;

use super::{
    Connection, Row, Store,
    account_lock::AccountOf,
    purge::{purge, purge_oldest},
    row::{self, column, parsed_if_any, roles_of, user},
};
use crate::timestamp::Timestamp;

/// A user's columns, as [`user`] reads them.
macro_rules! user_columns {
    () => {
        concat!(
            "id AS user_id, email, display_name, locale, status, created_at AS registered_at, activated_at, \
             closed_until, ",
            roles_of!("dullahan_users")
        )
    };
}

/// Users in their table.
pub(super) struct Users {
    store: Store,
}

impl Users {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

/// The key in the place of that of an anonymised user's address. It has no `@`, so it is that of no address.
fn removed_key(id: UserId) -> String {
    id.to_string()
}

/// An address that no mail gets to.
///
/// # Rule
///
/// RFC 2606 section 2: there never is a domain below `invalid`.
fn removed_address(id: UserId) -> String {
    format!("{id}@removed.invalid")
}

impl UserRepository for Users {
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        new: &'a NewUser,
    ) -> BoxFuture<'a, Result<Insertion>> {
        Box::pin(async move {
            let user = new.to_user();
            let mut connection = self.store.write(context).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_users \
                 (id, email, email_key, display_name, locale, password_hash, status, created_at, \
                 registered_from, activated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 ON CONFLICT (email_key) WHERE status <> 'pending' DO NOTHING",
            )
            .bind(new.id.as_uuid())
            .bind(new.email.as_str())
            .bind(new.email.key())
            .bind(new.display_name.as_ref().map(|name| name.as_str()))
            .bind(new.locale.as_ref().map(|locale| locale.as_str()))
            .bind(new.password_hash.as_phc())
            .bind(user.status.as_str())
            .bind(Timestamp::from(new.created_at))
            .bind(new.registered_from.map(|address| address.to_string()))
            .bind(new.activated_at.map(Timestamp::from));
            let done = insert.execute(&mut *connection).await.map_err(store_error)?;
            if done.rows_affected() == 0 {
                return Ok(Insertion::AddressTaken);
            }
            Ok(Insertion::Stored(user))
        })
    }

    fn find<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(concat!(
                "SELECT ",
                user_columns!(),
                " FROM dullahan_users WHERE id = $1"
            ))
            .bind(id.as_uuid());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(user).transpose()
        })
    }

    fn find_credentials<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<Option<Credentials>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(concat!(
                "SELECT ",
                user_columns!(),
                ", password_hash FROM dullahan_users WHERE email_key = $1 \
                 ORDER BY status = 'pending', created_at DESC, id DESC LIMIT 1"
            ))
            .bind(email.key());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(credentials).transpose()
        })
    }

    fn find_own_credentials<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<Option<Credentials>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(concat!(
                "SELECT ",
                user_columns!(),
                ", password_hash FROM dullahan_users WHERE id = $1"
            ))
            .bind(id.as_uuid());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(credentials).transpose()
        })
    }

    fn lock<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<Option<Credentials>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            let select = sqlx::query(concat!(
                "SELECT ",
                user_columns!(),
                ", password_hash FROM dullahan_users WHERE id = $1"
            ))
            .bind(id.as_uuid());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(credentials).transpose()
        })
    }

    fn find_pending<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<PendingUser>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(concat!(
                "SELECT ",
                user_columns!(),
                ", password_hash, registered_from, EXISTS (\
                 SELECT 1 FROM dullahan_one_time_tokens t WHERE t.user_id = dullahan_users.id) AS has_token \
                 FROM dullahan_users WHERE status = 'pending' AND email_key = (\
                 SELECT email_key FROM dullahan_users WHERE id = $1) \
                 ORDER BY id = $1 DESC, created_at DESC, id DESC LIMIT $2"
            ))
            .bind(id.as_uuid())
            .bind(i64::from(limit));
            let rows = select.fetch_all(&mut *connection).await.map_err(store_error)?;
            rows.iter().map(pending).collect()
        })
    }

    fn activate<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<AddressChange>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            // As with a change of the address: one that is held already is found to be before anything is written, and
            // one that another activation takes at the same time is refused by its index.
            let update = sqlx::query(concat!(
                "UPDATE dullahan_users SET status = 'active', activated_at = $2, registered_from = NULL \
                 WHERE id = $1 AND status = 'pending' AND NOT EXISTS (\
                 SELECT 1 FROM dullahan_users o \
                 WHERE o.email_key = dullahan_users.email_key AND o.status <> 'pending') RETURNING ",
                user_columns!()
            ))
            .bind(id.as_uuid())
            .bind(Timestamp::from(at));
            match update.fetch_optional(&mut *connection).await {
                Ok(Some(row)) => return Ok(AddressChange::Changed(user(&row)?)),
                Ok(None) => {}
                Err(sqlx::Error::Database(refused)) if refused.is_unique_violation() => {
                    return Ok(AddressChange::Taken);
                }
                Err(error) => return Err(store_error(error)),
            }
            let select =
                sqlx::query("SELECT 1 FROM dullahan_users WHERE id = $1 AND status = 'pending'")
                    .bind(id.as_uuid());
            let pending = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            Ok(pending.map_or(AddressChange::NoSuchUser, |_| AddressChange::Taken))
        })
    }

    fn delete_pending<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            // Two activations of one address must not wait for each other: those that another process is at are left.
            let delete = sqlx::query(concat!(
                "WITH pending AS MATERIALIZED (\
                 SELECT id FROM dullahan_users WHERE email_key = $1 AND status = 'pending' ",
                locking!("FOR UPDATE SKIP LOCKED"),
                ") DELETE FROM dullahan_users WHERE id IN (SELECT id FROM pending)"
            ))
            .bind(email.key());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected())
        })
    }

    fn delete_if_pending<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let delete = sqlx::query(concat!(
                "WITH pending AS MATERIALIZED (\
                 SELECT id FROM dullahan_users WHERE id = $1 AND status = 'pending' ",
                locking!("FOR UPDATE SKIP LOCKED"),
                ") DELETE FROM dullahan_users WHERE id IN (SELECT id FROM pending)"
            ))
            .bind(id.as_uuid());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn purge_pending<'a>(
        &'a self,
        context: &'a Context,
        registered_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let waiting = purge_oldest!(
                "dullahan_users",
                "id",
                "created_at",
                "AND status = 'pending' AND NOT EXISTS (\
                 SELECT 1 FROM dullahan_one_time_tokens t WHERE t.user_id = dullahan_users.id)"
            );
            purge(&mut connection, waiting, registered_before, u64::from(limit)).await
        })
    }

    fn replace_password_hash<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        old: &'a PasswordHash,
        new: &'a PasswordHash,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query(
                "UPDATE dullahan_users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
            )
            .bind(id.as_uuid())
            .bind(old.as_phc())
            .bind(new.as_phc());
            update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn update<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        changes: &'a AccountChanges,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(async move {
            let display_name = changes.display_name.as_ref();
            let locale = changes.locale.as_ref();
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            let update = sqlx::query(concat!(
                "UPDATE dullahan_users SET \
                 display_name = CASE WHEN $3 THEN $4 ELSE display_name END, \
                 locale = CASE WHEN $5 THEN $6 ELSE locale END \
                 WHERE id = $1 AND email_key <> $2 RETURNING ",
                user_columns!()
            ))
            .bind(id.as_uuid())
            .bind(removed_key(id))
            .bind(display_name.is_some())
            .bind(display_name.and_then(Option::as_ref).map(|name| name.as_str()))
            .bind(locale.is_some())
            .bind(locale.and_then(Option::as_ref).map(|locale| locale.as_str()));
            let row = update.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(user).transpose()
        })
    }

    fn set_password_hash<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        hash: &'a PasswordHash,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            let update = sqlx::query(concat!(
                "UPDATE dullahan_users SET password_hash = $3 \
                 WHERE id = $1 AND email_key <> $2 RETURNING ",
                user_columns!()
            ))
            .bind(id.as_uuid())
            .bind(removed_key(id))
            .bind(hash.as_phc());
            let row = update.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(user).transpose()
        })
    }

    fn drop_password<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            let update =
                sqlx::query("UPDATE dullahan_users SET password_hash = NULL WHERE id = $1")
                    .bind(id.as_uuid());
            let done = update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn change_email<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<AddressChange>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            // An address that is taken already is found to be before anything is written: so two users who want
            // each other's address do not wait for each other. One that is taken at the same time is refused by
            // its index.
            let update = sqlx::query(concat!(
                "UPDATE dullahan_users SET email = $3, email_key = $4 \
                 WHERE id = $1 AND email_key <> $2 AND NOT EXISTS (\
                 SELECT 1 FROM dullahan_users o \
                 WHERE o.email_key = $4 AND o.id <> $1 AND o.status <> 'pending') RETURNING ",
                user_columns!()
            ))
            .bind(id.as_uuid())
            .bind(removed_key(id))
            .bind(email.as_str())
            .bind(email.key());
            match update.fetch_optional(&mut *connection).await {
                Ok(Some(row)) => return Ok(AddressChange::Changed(user(&row)?)),
                Ok(None) => {}
                Err(sqlx::Error::Database(refused)) if refused.is_unique_violation() => {
                    return Ok(AddressChange::Taken);
                }
                Err(error) => return Err(store_error(error)),
            }
            let is_there = is_changeable(&mut connection, id).await?;
            Ok(if is_there { AddressChange::Taken } else { AddressChange::NoSuchUser })
        })
    }

    fn grant_role<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        role: &'a Role,
    ) -> BoxFuture<'a, Result<RoleChange>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_user_roles (user_id, role) \
                 SELECT id, $3 FROM dullahan_users WHERE id = $1 AND email_key <> $2 \
                 ON CONFLICT (user_id, role) DO NOTHING",
            )
            .bind(id.as_uuid())
            .bind(removed_key(id))
            .bind(role.as_str());
            let done = insert.execute(&mut *connection).await.map_err(store_error)?;
            role_change(&mut connection, id, done.rows_affected()).await
        })
    }

    fn revoke_role<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        role: &'a Role,
    ) -> BoxFuture<'a, Result<RoleChange>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            let delete =
                sqlx::query("DELETE FROM dullahan_user_roles WHERE user_id = $1 AND role = $2")
                    .bind(id.as_uuid())
                    .bind(role.as_str());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            role_change(&mut connection, id, done.rows_affected()).await
        })
    }

    fn close<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            let update = sqlx::query(concat!(
                "UPDATE dullahan_users SET status = 'closed', closed_until = $2 \
                 WHERE id = $1 AND status = 'active' RETURNING ",
                user_columns!()
            ))
            .bind(id.as_uuid())
            .bind(Timestamp::from(until));
            let row = update.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(user).transpose()
        })
    }

    fn reopen<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(id).lock(&mut connection).await?;
            let update = sqlx::query(concat!(
                "UPDATE dullahan_users SET status = 'active', closed_until = NULL \
                 WHERE id = $1 AND status = 'closed' AND closed_until > $2 RETURNING ",
                user_columns!()
            ))
            .bind(id.as_uuid())
            .bind(Timestamp::from(now));
            let row = update.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(user).transpose()
        })
    }

    fn find_closed<'a>(
        &'a self,
        context: &'a Context,
        now: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<UserId>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(
                "SELECT id FROM dullahan_users WHERE closed_until <= $1 \
                 ORDER BY closed_until LIMIT $2",
            )
            .bind(Timestamp::from(now))
            .bind(i64::from(limit));
            let rows = select.fetch_all(&mut *connection).await.map_err(store_error)?;
            rows.iter().map(|row| row::id(row, "id", UserId::from_uuid)).collect()
        })
    }

    fn anonymise<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query(
                "UPDATE dullahan_users SET email = $3, email_key = $2, display_name = NULL, \
                 locale = NULL, password_hash = NULL, registered_from = NULL, closed_until = NULL, status = $4 \
                 WHERE id = $1 AND email_key <> $2",
            )
            .bind(id.as_uuid())
            .bind(removed_key(id))
            .bind(removed_address(id))
            .bind(UserStatus::Deactivated.as_str());
            let done = update.execute(&mut *connection).await.map_err(store_error)?;
            let delete = sqlx::query("DELETE FROM dullahan_user_roles WHERE user_id = $1");
            let delete = delete.bind(id.as_uuid());
            delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn delete<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let delete = sqlx::query("DELETE FROM dullahan_users WHERE id = $1").bind(id.as_uuid());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }
}

/// Whether there is such a user, who is not anonymised.
async fn is_changeable(connection: &mut Connection, id: UserId) -> Result<bool> {
    let select = sqlx::query("SELECT 1 FROM dullahan_users WHERE id = $1 AND email_key <> $2")
        .bind(id.as_uuid())
        .bind(removed_key(id));
    Ok(select.fetch_optional(connection).await.map_err(store_error)?.is_some())
}

async fn role_change(connection: &mut Connection, id: UserId, rows: u64) -> Result<RoleChange> {
    if rows > 0 {
        return Ok(RoleChange::Changed);
    }
    let is_there = is_changeable(connection, id).await?;
    Ok(if is_there { RoleChange::Unchanged } else { RoleChange::NoSuchUser })
}

fn pending(row: &Row) -> Result<PendingUser> {
    Ok(PendingUser {
        credentials: credentials(row)?,
        registered_from: parsed_if_any(row, "registered_from").unwrap_or_default(),
        has_token: column(row, "has_token")?,
    })
}

fn credentials(row: &Row) -> Result<Credentials> {
    let user = user(row)?;
    let password_hash = column::<Option<String>>(row, "password_hash")?.map(PasswordHash::from_phc);
    let password_hash = password_hash.transpose().unwrap_or_else(|_| {
        tracing::error!(user = %user.id, "a password hash cannot be read; no password matches it");
        None
    });
    Ok(Credentials { user, password_hash })
}
