//! Counts of tries in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{AttemptKey, AttemptLimit, CountedAttempt},
    port::AttemptRepository,
};
use time::OffsetDateTime;

use super::{
    Store,
    purge::{purge, purge_oldest},
    row::{column, time},
};
use crate::timestamp::Timestamp;

/// Counts of tries in their table.
pub(super) struct Attempts {
    store: Store,
}

impl Attempts {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

impl AttemptRepository for Attempts {
    fn count<'a>(
        &'a self,
        context: &'a Context,
        key: &'a AttemptKey,
        limit: AttemptLimit,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<CountedAttempt>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let (first, latest) = (Timestamp::from(now), Timestamp::from(limit.over_at(now)));
            // A row that is left as it is, is locked all the same, so nobody changes it before it is read. One that is over
            // later than if it began now has begun in the future.
            let count = sqlx::query(
                "INSERT INTO dullahan_attempts AS a (digest, attempts, over_at) VALUES ($1, $4, $3) \
                 ON CONFLICT (digest) DO UPDATE SET \
                 attempts = CASE WHEN a.over_at > $2 THEN a.attempts + 1 ELSE excluded.attempts END, \
                 over_at = CASE WHEN a.over_at > $2 AND a.over_at < $3 THEN a.over_at ELSE $3 END \
                 WHERE a.over_at <= $2 OR a.attempts < $5 \
                 RETURNING attempts, over_at",
            )
            .bind(key.as_bytes().as_slice())
            .bind(first)
            .bind(latest)
            .bind(i64::from(limit.attempts.min(1)))
            .bind(i64::from(limit.attempts));
            let row = count.fetch_optional(&mut *connection).await.map_err(store_error)?;
            if let Some(row) = row {
                let attempts: i64 = column(&row, "attempts")?;
                let (n, over_at) =
                    (u64::try_from(attempts).unwrap_or(u64::MAX), time(&row, "over_at")?);
                // Where none is allowed, not even the first one counts.
                return Ok(CountedAttempt {
                    attempt: limit.judge(n.max(1), over_at, now),
                    over_at,
                });
            }
            let select = sqlx::query("SELECT over_at FROM dullahan_attempts WHERE digest = $1")
                .bind(key.as_bytes().as_slice());
            let row = select.fetch_one(&mut *connection).await.map_err(store_error)?;
            let mut over_at = time(&row, "over_at")?;
            if over_at > limit.over_at(now) {
                over_at = limit.over_at(now);
                let update =
                    sqlx::query("UPDATE dullahan_attempts SET over_at = $2 WHERE digest = $1")
                        .bind(key.as_bytes().as_slice())
                        .bind(latest);
                update.execute(&mut *connection).await.map_err(store_error)?;
            }
            Ok(CountedAttempt { attempt: limit.judge(u64::MAX, over_at, now), over_at })
        })
    }

    fn give_back<'a>(
        &'a self,
        context: &'a Context,
        key: &'a AttemptKey,
        over_at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let update = sqlx::query(
                "UPDATE dullahan_attempts SET attempts = attempts - 1 \
                 WHERE digest = $1 AND over_at <= $2 AND attempts > 0",
            )
            .bind(key.as_bytes().as_slice())
            .bind(Timestamp::from(over_at));
            let done = update.execute(&mut *connection).await.map_err(store_error)?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn forget<'a>(
        &'a self,
        context: &'a Context,
        key: &'a AttemptKey,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let delete = sqlx::query("DELETE FROM dullahan_attempts WHERE digest = $1")
                .bind(key.as_bytes().as_slice());
            delete.execute(&mut *connection).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        over_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let over = purge_oldest!("dullahan_attempts", "digest", "over_at");
            purge(&mut connection, over, over_before, u64::from(limit)).await
        })
    }
}
