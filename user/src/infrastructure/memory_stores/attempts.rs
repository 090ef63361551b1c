//! Counts of tries in memory.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use super::{
    MemoryStores,
    tables::{Tries, count, oldest},
};
use crate::{
    domain::{Attempt, AttemptKey, AttemptLimit, CountedAttempt},
    port::AttemptRepository,
};

impl AttemptRepository for MemoryStores {
    fn count<'a>(
        &'a self,
        context: &'a Context,
        key: &'a AttemptKey,
        limit: AttemptLimit,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<CountedAttempt>> {
        Box::pin(self.write(context, move |tables| {
            let first = Tries { count: 0, over_at: limit.over_at(now) };
            let tries = tables.attempts.entry(*key).or_insert(first);
            if tries.over_at <= now {
                *tries = first;
            }
            // It began in the future otherwise.
            tries.over_at = tries.over_at.min(first.over_at);
            let attempt = limit.judge(tries.count + 1, tries.over_at, now);
            if attempt == Attempt::Allowed {
                tries.count += 1;
            }
            Ok(CountedAttempt { attempt, over_at: tries.over_at })
        }))
    }

    fn give_back<'a>(
        &'a self,
        context: &'a Context,
        key: &'a AttemptKey,
        over_at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.write(context, move |tables| {
            let tries = tables.attempts.get_mut(key);
            let counted = tries.filter(|tries| tries.over_at <= over_at && tries.count > 0);
            Ok(counted.map(|tries| tries.count -= 1).is_some())
        }))
    }

    fn forget<'a>(
        &'a self,
        context: &'a Context,
        key: &'a AttemptKey,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.write(context, |tables| {
            tables.attempts.remove(key);
            Ok(())
        }))
    }

    fn purge<'a>(
        &'a self,
        context: &'a Context,
        over_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.write(context, move |tables| {
            let tries = tables.attempts.iter().map(|(key, tries)| (*key, tries.over_at));
            let over = oldest(tries, over_before, limit);
            for key in &over {
                tables.attempts.remove(key);
            }
            Ok(count(over.len()))
        }))
    }
}
