//! Where sessions are kept.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use crate::domain::{ListedSession, NewSession, Session, SessionId, TokenDigest, User, UserId};

/// Keeps sessions, each under the digest of its token.
pub trait SessionRepository: Send + Sync + 'static {
    /// Stores a new session.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        session: &'a NewSession,
    ) -> BoxFuture<'a, Result<()>>;

    /// The session of this token and its user, in one statement, whether it is still live or not.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
    ) -> BoxFuture<'a, Result<Option<(Session, User)>>>;

    /// Notes that the session was used, unless it was after `unless_since` already: of many who note it at once, one writes. A
    /// use that is as far in the future as `unless_since` is in the past, or farther, was noted by a clock that was ahead, and
    /// is written over.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn touch<'a>(
        &'a self,
        context: &'a Context,
        id: SessionId,
        at: OffsetDateTime,
        unless_since: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>>;

    /// Ends the session; whether there was one.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete<'a>(&'a self, context: &'a Context, id: SessionId) -> BoxFuture<'a, Result<bool>>;

    /// The sessions of a user, whether they are still live or not; the one that began last comes first. No more than
    /// `most`, those that were used last.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn list<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        most: u32,
    ) -> BoxFuture<'a, Result<Vec<ListedSession>>>;

    /// Gives a session another token in the place of this one, whose user has just proven who they are; whether it had
    /// this one.
    ///
    /// The token that it had leads nowhere from then on.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn renew<'a>(
        &'a self,
        context: &'a Context,
        id: SessionId,
        old: &'a TokenDigest,
        new: &'a TokenDigest,
        authenticated_at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Ends a session if it is one of this user; whether it was.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete_own<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        id: SessionId,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Ends all sessions of a user but one, or without exception; how many it were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete_all<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        except: Option<SessionId>,
    ) -> BoxFuture<'a, Result<u64>>;

    /// Ends the sessions of a user that were not used for the longest time, until there are no more than `most`; how
    /// many it were. The one that was just opened stays, whatever the clock says.
    ///
    /// Of any number of logins at once that each call it after they have stored a session, none leaves more.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn end_surplus<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        opened: SessionId,
        most: u32,
    ) -> BoxFuture<'a, Result<u64>>;

    /// Forgets at most `limit` sessions that ended before `ended_before` or were last seen before `seen_before`;
    /// how many it were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn purge<'a>(
        &'a self,
        context: &'a Context,
        ended_before: OffsetDateTime,
        seen_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>>;
}
