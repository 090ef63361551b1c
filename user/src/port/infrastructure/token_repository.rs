//! Where one-time tokens are kept.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use crate::domain::{NewOneTimeToken, OneTimeGrant, TokenDigest, TokenPurpose, UserId};

/// Keeps one-time tokens, as digests only.
pub trait TokenRepository: Send + Sync + 'static {
    /// Stores a token. A user may have several for one purpose.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        token: &'a NewOneTimeToken,
    ) -> BoxFuture<'a, Result<()>>;

    /// What a live token leads to, without using it up.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OneTimeGrant>>>;

    /// Uses a live token up and says what it led to, together with all others that the user has for the purpose.
    ///
    /// Of any number of simultaneous tries with one token, one gets the grant.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn consume<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OneTimeGrant>>>;

    /// Forgets all tokens of a user; how many it were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete_all<'a>(&'a self, context: &'a Context, user: UserId) -> BoxFuture<'a, Result<u64>>;

    /// Forgets at most `limit` tokens that expired before this; how many it were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn purge<'a>(
        &'a self,
        context: &'a Context,
        expired_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>>;
}
