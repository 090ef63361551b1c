//! Counts of tries in their table.

use dullahan_core::{BoxFuture, Context, Result};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    domain::{Attempt, AttemptKey, AttemptLimit},
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
    ) -> BoxFuture<'a, Result<Attempt>> {
        Box::pin(async move {
            let mut connection = self.store.write(context).await?;
            let count = sqlx::query(
                "INSERT INTO dullahan_attempts AS a (digest, attempts, over_at) VALUES ($1, 1, $3) \
                 ON CONFLICT (digest) DO UPDATE SET \
                 attempts = CASE WHEN a.over_at > $2 THEN a.attempts + 1 ELSE 1 END, \
                 over_at = CASE WHEN a.over_at > $2 THEN a.over_at ELSE excluded.over_at END \
                 RETURNING attempts, over_at",
            )
            .bind(key.as_bytes().as_slice())
            .bind(Timestamp::from(now))
            .bind(Timestamp::from(limit.over_at(now)));
            let row = count.fetch_one(&mut *connection).await.map_err(store_error)?;
            let attempts: i64 = column(&row, "attempts")?;
            let attempts = u64::try_from(attempts).unwrap_or(u64::MAX);
            Ok(limit.judge(attempts, time(&row, "over_at")?, now))
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
