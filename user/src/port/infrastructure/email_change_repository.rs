//! Where changes of addresses wait for both mailboxes.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use crate::domain::{EmailChange, EmailChangeId, Mailbox, UserId};

/// Keeps changes of addresses until both mailboxes have agreed. With a change go its tokens and unsent mails.
pub trait EmailChangeRepository: Send + Sync + 'static {
    /// Stores a change in the place of the one that the user has, if there is one.
    ///
    /// Of any number of simultaneous tries for one user, one is left.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn replace<'a>(
        &'a self,
        context: &'a Context,
        change: &'a EmailChange,
    ) -> BoxFuture<'a, Result<()>>;

    /// The change of a user, whether it has lapsed or not.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find_of_user<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
    ) -> BoxFuture<'a, Result<Option<EmailChange>>>;

    /// Notes that a mailbox has agreed, and gives the change as it is now; `None` if there is no such change, or
    /// it has lapsed.
    ///
    /// Nobody else changes it until the unit of work ends.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn confirm<'a>(
        &'a self,
        context: &'a Context,
        id: EmailChangeId,
        mailbox: Mailbox,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<EmailChange>>>;

    /// Deletes a change; whether there was one.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete<'a>(&'a self, context: &'a Context, id: EmailChangeId)
    -> BoxFuture<'a, Result<bool>>;

    /// Deletes the change of a user; whether there was one.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete_of_user<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Forgets at most `limit` changes that lapsed before this; how many it were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn purge<'a>(
        &'a self,
        context: &'a Context,
        lapsed_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>>;
}
