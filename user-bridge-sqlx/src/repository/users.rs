//! Users in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{Credentials, EmailAddress, NewUser, PasswordHash, User, UserId},
    port::{Insertion, UserRepository},
};
use time::OffsetDateTime;

use super::{
    Store,
    row::{column, unreadable, user},
};
use crate::timestamp::Timestamp;

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
        new: &'a NewUser,
    ) -> BoxFuture<'a, Result<Insertion>> {
        Box::pin(async move {
            let user = new.to_user();
            let mut connection = self.store.write(context).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_users \
                 (id, email, email_key, display_name, password_hash, status, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (email_key) DO NOTHING",
            )
            .bind(new.id.as_uuid())
            .bind(new.email.as_str())
            .bind(new.email.key())
            .bind(new.display_name.as_ref().map(|name| name.as_str()))
            .bind(new.password_hash.as_phc())
            .bind(user.status.as_str())
            .bind(Timestamp::from(new.created_at));
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
            let select = sqlx::query(
                "SELECT id AS user_id, email, display_name, status, created_at AS registered_at, \
                 activated_at FROM dullahan_users WHERE id = $1",
            )
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
            let select = sqlx::query(
                "SELECT id AS user_id, email, display_name, status, created_at AS registered_at, \
                 activated_at, password_hash FROM dullahan_users WHERE email_key = $1",
            )
            .bind(email.key());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            let Some(row) = row else { return Ok(None) };
            let password_hash = column::<Option<String>>(&row, "password_hash")?
                .map(PasswordHash::from_phc)
                .transpose()
                .map_err(|_| unreadable("password_hash"))?;
            Ok(Some(Credentials { user: user(&row)?, password_hash }))
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
                 RETURNING id AS user_id, email, display_name, status, created_at AS registered_at, \
                 activated_at",
            )
            .bind(id.as_uuid())
            .bind(Timestamp::from(at));
            let row = update.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(user).transpose()
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
