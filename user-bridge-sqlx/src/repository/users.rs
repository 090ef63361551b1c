//! Users in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{Credentials, EmailAddress, NewUser, PasswordHash, User, UserId},
    port::{Insertion, UserRepository},
};
use sqlx::Row as _;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Row, Store};
use crate::row::{parse, to_milliseconds, to_time, unreadable};

/// Users in their table.
pub(super) struct Users {
    store: Store,
}

impl Users {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

impl UserRepository for Users {
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        user: &'a NewUser,
    ) -> BoxFuture<'a, Result<Insertion>> {
        Box::pin(async move {
            let stored = user.to_user();
            let mut connection = self.store.write(context).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_users \
                 (id, email, email_key, display_name, password_hash, status, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (email_key) DO NOTHING",
            )
            .bind(user.id.as_uuid())
            .bind(user.email.as_str())
            .bind(user.email.key())
            .bind(user.display_name.as_ref().map(|name| name.as_str()))
            .bind(user.password_hash.as_phc())
            .bind(stored.status.as_str())
            .bind(to_milliseconds(user.created_at));
            let done = insert.execute(&mut *connection).await.map_err(store_error)?;
            if done.rows_affected() == 0 {
                return Ok(Insertion::AddressTaken);
            }
            Ok(Insertion::Stored(stored))
        })
    }

    fn find<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(
                "SELECT id, email, display_name, status, created_at, activated_at \
                 FROM dullahan_users WHERE id = $1",
            )
            .bind(id.as_uuid());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(user_of).transpose()
        })
    }

    fn find_credentials<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<Option<Credentials>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(
                "SELECT id, email, display_name, status, created_at, activated_at, password_hash \
                 FROM dullahan_users WHERE email_key = $1",
            )
            .bind(email.key());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            let Some(row) = row else { return Ok(None) };
            let hash: Option<String> = row.try_get("password_hash").map_err(store_error)?;
            let password_hash = hash
                .map(|phc| PasswordHash::from_phc(phc).map_err(|_| unreadable("password_hash")))
                .transpose()?;
            Ok(Some(Credentials { user: user_of(&row)?, password_hash }))
        })
    }

    fn activate<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<User>>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query(
                "UPDATE dullahan_users SET status = 'active', activated_at = $2 \
                 WHERE id = $1 AND status = 'pending' \
                 RETURNING id, email, display_name, status, created_at, activated_at",
            )
            .bind(id.as_uuid())
            .bind(to_milliseconds(at));
            let row = update.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(user_of).transpose()
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
}

/// The user of a row that has the columns of the table under their own names.
pub(super) fn user_of(row: &Row) -> Result<User> {
    let id: Uuid = row.try_get("id").map_err(store_error)?;
    user_with_id(row, UserId::from_uuid(id), "created_at")
}

/// The user of a row whose identifier and creation time stand under other names.
pub(super) fn user_with_id(row: &Row, id: UserId, created_at: &str) -> Result<User> {
    let email: &str = row.try_get("email").map_err(store_error)?;
    let display_name: Option<&str> = row.try_get("display_name").map_err(store_error)?;
    let status: &str = row.try_get("status").map_err(store_error)?;
    let created_at: i64 = row.try_get(created_at).map_err(store_error)?;
    let activated_at: Option<i64> = row.try_get("activated_at").map_err(store_error)?;
    Ok(User {
        id,
        email: parse("email", email)?,
        display_name: display_name.map(|name| parse("display_name", name)).transpose()?,
        status: parse("status", status)?,
        created_at: to_time("created_at", created_at)?,
        activated_at: activated_at.map(|at| to_time("activated_at", at)).transpose()?,
    })
}
