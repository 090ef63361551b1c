//! Sessions in their table.

use std::cmp::Reverse;

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{Device, ListedSession, NewSession, Session, SessionId, TokenDigest, User, UserId},
    port::SessionRepository,
};
use time::OffsetDateTime;

use super::{
    Row, Store,
    account_lock::AccountOf,
    purge::{purge, purge_oldest},
    row::{column, id, parsed, parsed_if_any, roles_of, time, user},
};
use crate::timestamp::Timestamp;

/// Sessions in their table.
pub(super) struct Sessions {
    store: Store,
}

impl Sessions {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

impl SessionRepository for Sessions {
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        new: &'a NewSession,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let session = &new.session;
            let mut connection = self.store.write(context).await?;
            let insert = sqlx::query(
                "INSERT INTO dullahan_sessions \
                 (id, token_digest, user_id, transport, created_at, authenticated_at, last_seen_at, expires_at, \
                 user_agent, address) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(session.id.as_uuid())
            .bind(new.digest.as_bytes().as_slice())
            .bind(session.user_id.as_uuid())
            .bind(session.transport.as_str())
            .bind(Timestamp::from(session.created_at))
            .bind(Timestamp::from(session.authenticated_at))
            .bind(Timestamp::from(session.last_seen_at))
            .bind(Timestamp::from(session.expires_at))
            .bind(new.device.user_agent())
            .bind(new.device.address().map(|address| address.to_string()));
            insert.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn find<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
    ) -> BoxFuture<'a, Result<Option<(Session, User)>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(concat!(
                "SELECT s.id, s.user_id, s.transport, s.created_at, s.authenticated_at, \
                 s.last_seen_at, s.expires_at, \
                 u.email, u.display_name, u.locale, u.status, u.created_at AS registered_at, \
                 u.activated_at, u.closed_until, ",
                roles_of!("u"),
                " FROM dullahan_sessions s JOIN dullahan_users u ON u.id = s.user_id \
                 WHERE s.token_digest = $1",
            ))
            .bind(digest.as_bytes().as_slice());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            connection.done();
            row.as_ref().map(|row| Ok((session(row)?, user(row)?))).transpose()
        })
    }

    fn touch<'a>(
        &'a self,
        context: &'a Context,
        id: SessionId,
        at: OffsetDateTime,
        unless_since: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query(
                "UPDATE dullahan_sessions SET last_seen_at = $2 \
                 WHERE id = $1 AND (last_seen_at <= $3 OR last_seen_at >= $4)",
            )
            .bind(id.as_uuid())
            .bind(Timestamp::from(at))
            .bind(Timestamp::from(unless_since))
            .bind(Timestamp::from(at + (at - unless_since)));
            update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn delete<'a>(&'a self, context: &'a Context, id: SessionId) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let delete =
                sqlx::query("DELETE FROM dullahan_sessions WHERE id = $1").bind(id.as_uuid());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn list<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        most: u32,
    ) -> BoxFuture<'a, Result<Vec<ListedSession>>> {
        Box::pin(async move {
            let mut connection = self.store.read(context).await?;
            let select = sqlx::query(
                "SELECT id, user_id, transport, created_at, authenticated_at, last_seen_at, expires_at, \
                 user_agent, address FROM dullahan_sessions WHERE user_id = $1 \
                 ORDER BY last_seen_at DESC, created_at DESC, id DESC LIMIT $2",
            )
            .bind(user.as_uuid())
            .bind(i64::from(most));
            let rows = select.fetch_all(&mut *connection).await.map_err(store_error)?;
            let mut found = rows.iter().map(listed).collect::<Result<Vec<_>>>()?;
            found.sort_by_key(|listed| Reverse((listed.session.created_at, listed.session.id)));
            Ok(found)
        })
    }

    fn renew<'a>(
        &'a self,
        context: &'a Context,
        id: SessionId,
        old: &'a TokenDigest,
        new: &'a TokenDigest,
        authenticated_at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::Session(id).lock(&mut connection).await?;
            let update = sqlx::query(
                "UPDATE dullahan_sessions SET token_digest = $3, authenticated_at = $4 \
                 WHERE id = $1 AND token_digest = $2",
            )
            .bind(id.as_uuid())
            .bind(old.as_bytes().as_slice())
            .bind(new.as_bytes().as_slice())
            .bind(Timestamp::from(authenticated_at));
            let done = update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn delete_own<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        id: SessionId,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let delete =
                sqlx::query("DELETE FROM dullahan_sessions WHERE id = $1 AND user_id = $2")
                    .bind(id.as_uuid())
                    .bind(user.as_uuid());
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn delete_all<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        except: Option<SessionId>,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            AccountOf::User(user).lock(&mut connection).await?;
            let delete = sqlx::query(
                "DELETE FROM dullahan_sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2",
            )
            .bind(user.as_uuid())
            .bind(except.map(|except| except.as_uuid()));
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected())
        })
    }

    fn end_surplus<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        opened: SessionId,
        most: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            // What logins at the same time have stored is committed once this has the lock.
            AccountOf::User(user).lock(&mut connection).await?;
            let delete = sqlx::query(
                "DELETE FROM dullahan_sessions WHERE user_id = $1 AND id <> $2 AND id NOT IN (\
                 SELECT id FROM dullahan_sessions WHERE user_id = $1 AND id <> $2 \
                 ORDER BY last_seen_at DESC, created_at DESC, id DESC LIMIT $3)",
            )
            .bind(user.as_uuid())
            .bind(opened.as_uuid())
            .bind(i64::from(most.saturating_sub(1)));
            let done = delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected())
        })
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        ended_before: OffsetDateTime,
        seen_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            // One after the other, so that each goes by its own index.
            let ended = purge_oldest!("dullahan_sessions", "id", "expires_at");
            let ended = purge(&mut connection, ended, ended_before, u64::from(limit)).await?;
            let unseen = purge_oldest!("dullahan_sessions", "id", "last_seen_at");
            let rest = u64::from(limit).saturating_sub(ended);
            Ok(ended + purge(&mut connection, unseen, seen_before, rest).await?)
        })
    }
}

fn session(row: &Row) -> Result<Session> {
    Ok(Session {
        id: id(row, "id", SessionId::from_uuid)?,
        user_id: id(row, "user_id", UserId::from_uuid)?,
        transport: parsed(row, "transport")?,
        created_at: time(row, "created_at")?,
        authenticated_at: time(row, "authenticated_at")?,
        last_seen_at: time(row, "last_seen_at")?,
        expires_at: time(row, "expires_at")?,
    })
}

fn listed(row: &Row) -> Result<ListedSession> {
    let device = Device::new(column(row, "user_agent")?, parsed_if_any(row, "address")?);
    Ok(ListedSession { session: session(row)?, device })
}
