//! Where mails wait that are owed.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use crate::domain::{EmailAddress, MailId, MailKind, MailRequest, NewMail, OwedMail, UserId};

/// Keeps the mails that committed work owes, until they are sent.
///
/// No token lies here: it is minted when the mail is sent.
///
/// A mail that [outlives its account](MailKind::outlives_account) stays when the account goes, and is deleted as soon as it
/// is sent or given up, since it holds the address of somebody who has left.
///
/// A mail is claimed in one unit of work, [admitted](Self::admit) in another and settled ([`sent`](Self::sent),
/// [`postpone`](Self::postpone), [`withhold`](Self::withhold), [`give_up`](Self::give_up)) in a third: what is sent in between must not hold a transaction open. A store may rely
/// on it, as the SQL stores do to keep workers and changes of an account from waiting for each other.
pub trait MailQueue: Send + Sync + 'static {
    /// Owes a user a mail, unless one of the same kind to the same mailbox is owed and not sent; whether it is owed now
    /// because of this call. All who have registered an address have the same mailbox. How often a mailbox gets mails is
    /// not decided here.
    ///
    /// One that is owed of the same kind, but to another mailbox or about another change of an address, gives way
    /// to this one: a worker that has it already has no say in this one. Mailboxes are the same when the
    /// [`key`](crate::domain::EmailAddress::key) of their addresses is.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn owe<'a>(
        &'a self,
        context: &'a Context,
        mail: &'a NewMail,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Takes the next mail that is due, and keeps other workers away from it until `lease_until`, so that a
    /// worker that dies in between only delays it. One whose time is later than
    /// [any can be due](OwedMail::due_at_latest) was given it by a clock that was set back since, and is due.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn claim<'a>(
        &'a self,
        context: &'a Context,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<OwedMail>>>;

    /// Notes that the mail may go out; whether it is still owed. One that is claimed again says so
    /// ([`OwedMail::is_admitted`]).
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn admit<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<bool>>;

    /// Forgets a mail that is owed and is not to go out.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn withhold<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<()>>;

    /// Notes that the mail was sent.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn sent<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>>;

    /// Notes that sending failed, and when to try again.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn postpone<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>>;

    /// Notes that the mail was given up: it is kept as failed, and nobody claims it again.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn give_up<'a>(
        &'a self,
        context: &'a Context,
        id: MailId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>>;

    /// Forgets the mail of a kind that is owed to a user and not sent; whether there was one. A worker that has it
    /// already may still send it.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn withdraw<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        kind: MailKind,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Whether the mail is still owed: neither sent nor given up, withdrawn or replaced by another.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn is_owed<'a>(&'a self, context: &'a Context, id: MailId) -> BoxFuture<'a, Result<bool>>;

    /// Forgets what was asked for by this address, and not answered yet; how many it were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete_requests<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<u64>>;

    /// Forgets all mails to a user, sent or not, but the one that says that the account is removed; how many there were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete_all<'a>(&'a self, context: &'a Context, user: UserId) -> BoxFuture<'a, Result<u64>>;

    /// Writes down that somebody asks for a mail. The same request, while nobody has looked at it, is one, and
    /// stays as it was written down first.
    ///
    /// It costs the same whoever has the address.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn request<'a>(
        &'a self,
        context: &'a Context,
        request: &'a MailRequest,
    ) -> BoxFuture<'a, Result<()>>;

    /// Takes the oldest request out but so many, which are left alone; of any number of workers, one gets it.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn take_request<'a>(
        &'a self,
        context: &'a Context,
        skip: u32,
    ) -> BoxFuture<'a, Result<Option<MailRequest>>>;

    /// Forgets at most `limit` mails that were sent or given up before this; how many it were.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn purge<'a>(
        &'a self,
        context: &'a Context,
        settled_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>>;
}
