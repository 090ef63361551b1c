//! Where tries are counted.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use crate::domain::{AttemptKey, AttemptLimit, CountedAttempt};

/// Counts tries, for all instances of the service together.
pub trait AttemptRepository: Send + Sync + 'static {
    /// Counts a try, if it may be made, and says whether it may.
    ///
    /// Nobody else counts in between: of any number of simultaneous tries no more than the limit are allowed. The time of
    /// the limit runs from the first try that is counted; tries that are refused neither count nor prolong it. How
    /// many are allowed is for the limit of this call to say. A time that is over later than one that begins now has begun in
    /// the future, as a clock was set back since: from this call on it is over as if it began now, with the tries counted in it.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn count<'a>(
        &'a self,
        context: &'a Context,
        key: &'a AttemptKey,
        limit: AttemptLimit,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<CountedAttempt>>;

    /// Takes the count of one try back, if the time in which it was counted is still the one that is counted; whether it is.
    /// A later one ends after `over_at`.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn give_back<'a>(
        &'a self,
        context: &'a Context,
        key: &'a AttemptKey,
        over_at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Forgets what was counted.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn forget<'a>(&'a self, context: &'a Context, key: &'a AttemptKey)
    -> BoxFuture<'a, Result<()>>;

    /// Forgets at most `limit` counts that are over before this; how many it were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn purge<'a>(
        &'a self,
        context: &'a Context,
        over_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>>;
}
