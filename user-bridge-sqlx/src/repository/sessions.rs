//! Sessions in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{NewSession, Session, SessionId, TokenDigest, User, UserId},
    port::SessionRepository,
};
use time::OffsetDateTime;

use super::{
    Row, Store,
    row::{id, parsed, time, user},
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
                 (id, token_digest, user_id, transport, created_at, authenticated_at, last_seen_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(session.id.as_uuid())
            .bind(new.digest.as_bytes().as_slice())
            .bind(session.user_id.as_uuid())
            .bind(session.transport.as_str())
            .bind(Timestamp::from(session.created_at))
            .bind(Timestamp::from(session.authenticated_at))
            .bind(Timestamp::from(session.last_seen_at))
            .bind(Timestamp::from(session.expires_at));
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
            let select = sqlx::query(
                "SELECT s.id, s.user_id, s.transport, s.created_at, s.authenticated_at, \
                 s.last_seen_at, s.expires_at, \
                 u.email, u.display_name, u.status, u.created_at AS registered_at, u.activated_at \
                 FROM dullahan_sessions s JOIN dullahan_users u ON u.id = s.user_id \
                 WHERE s.token_digest = $1",
            )
            .bind(digest.as_bytes().as_slice());
            let row = select.fetch_optional(&mut *connection).await.map_err(store_error)?;
            row.as_ref().map(|row| Ok((session(row)?, user(row)?))).transpose()
        })
    }

    fn touch<'a>(
        &'a self,
        context: &'a Context,
        id: SessionId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query(
                "UPDATE dullahan_sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2",
            )
            .bind(id.as_uuid())
            .bind(Timestamp::from(at));
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
