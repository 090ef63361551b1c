//! What the module asks of stores and of the mail.
//!
//! Every method of a store takes the [`Context`] first: it leads to the unit of work of the process it runs
//! in. Reads outside of a process go straight to the store; writes there are refused.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use crate::domain::{
    Credentials, EmailAddress, MailId, MailKind, MailMessage, NewSession, NewUser, OwedMail,
    PasswordHash, Session, SessionId, TokenDigest, TokenPurpose, User, UserId,
};

/// Keeps users.
pub trait UserRepository: Send + Sync + 'static {
    /// Stores a new user as pending, unless its address is taken.
    ///
    /// Whether it is taken is decided by the store in the same statement, so that of any number of
    /// simultaneous tries one wins. Addresses are the same when their [`key`](EmailAddress::key) is.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        user: &'a NewUser,
    ) -> BoxFuture<'a, Result<Insertion>>;

    /// The user with this identifier.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<Option<User>>>;

    /// The user with this address, and the hash of the password.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find_credentials<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<Option<Credentials>>>;

    /// Makes a pending user active; `None` when there is no such user or it is not pending.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn activate<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<User>>>;

    /// Puts a hash of the same password in the place of `old`; does nothing when `old` is no longer there.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn replace_password_hash<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        old: &'a PasswordHash,
        new: &'a PasswordHash,
    ) -> BoxFuture<'a, Result<()>>;
}

/// What came of storing a new user.
#[derive(Debug, Clone)]
pub enum Insertion {
    /// It is stored.
    Stored(User),
    /// Another user has the address.
    AddressTaken,
}

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

    /// Notes that the session was used.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn touch<'a>(
        &'a self,
        context: &'a Context,
        id: SessionId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>>;

    /// Ends the session; whether there was one.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete<'a>(&'a self, context: &'a Context, id: SessionId) -> BoxFuture<'a, Result<bool>>;
}

/// Keeps one-time tokens, as digests only.
pub trait TokenRepository: Send + Sync + 'static {
    /// Stores a token that lives until `expires_at`. A user may have several for one purpose.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn insert<'a>(
        &'a self,
        context: &'a Context,
        digest: &'a TokenDigest,
        purpose: TokenPurpose,
        user: UserId,
        expires_at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<()>>;

    /// Uses a live token up and says whose it was, together with all others that the user has for the purpose.
    ///
    /// Of any number of simultaneous tries with one token, one gets the user.
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
    ) -> BoxFuture<'a, Result<Option<UserId>>>;
}

/// Keeps the mails that committed work owes, until they are sent.
///
/// No token lies here: it is minted when the mail is sent.
pub trait MailQueue: Send + Sync + 'static {
    /// Owes a user a mail, unless one of the same kind is owed or was sent after `not_since`; whether it is
    /// owed now because of this call.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn owe<'a>(
        &'a self,
        context: &'a Context,
        user: UserId,
        kind: MailKind,
        now: OffsetDateTime,
        not_since: OffsetDateTime,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Takes the next mail that is due, and keeps other workers away from it until `lease_until`, so that a
    /// worker that dies in between only delays it.
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
}

/// Carries mails.
pub trait Mailer: Send + Sync + 'static {
    /// Hands one mail over for good.
    ///
    /// # Errors
    ///
    /// When it was not taken; it is tried again later.
    fn send<'a>(&'a self, mail: &'a MailMessage) -> BoxFuture<'a, Result<()>>;
}
