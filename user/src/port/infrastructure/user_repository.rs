//! Where users are kept.

use dullahan_core::{BoxFuture, Context, Result};
use time::OffsetDateTime;

use crate::domain::{
    AccountChanges, Credentials, EmailAddress, NewUser, PasswordHash, PendingUser, Role, User,
    UserId,
};

/// Keeps users, each with the roles that it holds.
pub trait UserRepository: Send + Sync + 'static {
    /// Stores a new user: as pending, also if another account has its address, or as active, unless another one holds it.
    ///
    /// An account holds its address once it is not pending any more. Whether one does is decided by the store in the
    /// same statement, so that of any number of simultaneous attempts one wins. Addresses are the same when their
    /// [`key`](EmailAddress::key) is.
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

    /// The user who holds this address, or else the one who registered it last; and the hash of the password.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find_credentials<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<Option<Credentials>>>;

    /// The user with this identifier, and the hash of the password.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find_own_credentials<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<Option<Credentials>>>;

    /// The user with this identifier, whom nobody else changes until the unit of work ends; and the hash of the
    /// password.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn lock<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<Option<Credentials>>>;

    /// The users who have registered the address of this one and are pending: this one first if it is, then the others,
    /// the latest first, and no more than `limit` in all.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find_pending<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<PendingUser>>>;

    /// Makes a pending user active, who holds the address from then on, unless another account does.
    ///
    /// Whether one does is decided by the store in the same statement. There is
    /// [no such user](AddressChange::NoSuchUser) when it is not pending.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn activate<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        at: OffsetDateTime,
    ) -> BoxFuture<'a, Result<AddressChange>>;

    /// Deletes the pending users with this address, and all that refers to them; how many there were. Those that another
    /// process is busy with are left.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete_pending<'a>(
        &'a self,
        context: &'a Context,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<u64>>;

    /// Deletes this user if it is pending, with all that refers to it; whether it was. One that another process is busy
    /// with is left.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete_if_pending<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Deletes at most `limit` pending users who registered before this, and all that refers to them; how many it were.
    /// Those that have a token are left, and so are those that another process is busy with.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn purge_pending<'a>(
        &'a self,
        context: &'a Context,
        registered_before: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<u64>>;

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

    /// Changes what the user may change without further ado; `None` when there is no such user.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn update<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        changes: &'a AccountChanges,
    ) -> BoxFuture<'a, Result<Option<User>>>;

    /// Puts a hash in the place of whatever there is; `None` when there is no such user.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn set_password_hash<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        hash: &'a PasswordHash,
    ) -> BoxFuture<'a, Result<Option<User>>>;

    /// Takes the password from the user, who can choose another one by mail; whether there is such a user.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn drop_password<'a>(&'a self, context: &'a Context, id: UserId)
    -> BoxFuture<'a, Result<bool>>;

    /// Gives the user another address, unless another account holds it.
    ///
    /// Whether it is taken is decided by the store in the same statement.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn change_email<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        email: &'a EmailAddress,
    ) -> BoxFuture<'a, Result<AddressChange>>;

    /// Gives the user a role.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn grant_role<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        role: &'a Role,
    ) -> BoxFuture<'a, Result<RoleChange>>;

    /// Takes a role from the user.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn revoke_role<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        role: &'a Role,
    ) -> BoxFuture<'a, Result<RoleChange>>;

    /// Closes an active user until then; `None` when there is no such active user. Its address stays taken.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn close<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        until: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<User>>>;

    /// Makes a closed user active again; `None` when there is no such closed user, or the time is over.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn reopen<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
        now: OffsetDateTime,
    ) -> BoxFuture<'a, Result<Option<User>>>;

    /// The closed users whose time is over, those for whom it is over the longest first, and no more than `limit`.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn find_closed<'a>(
        &'a self,
        context: &'a Context,
        now: OffsetDateTime,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<UserId>>>;

    /// Takes everything personal out of the row and the roles, and deactivates it for good; whether there was
    /// such a user.
    ///
    /// Its address is free from then on. The row can still be found, and is no such user to whatever changes one,
    /// so that nothing personal comes back. What else the module keeps about the user, the caller deletes.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn anonymise<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<bool>>;

    /// Deletes the user with all that refers to it; whether there was one.
    ///
    /// # Errors
    ///
    /// When the store fails, or outside of a process.
    fn delete<'a>(&'a self, context: &'a Context, id: UserId) -> BoxFuture<'a, Result<bool>>;
}

/// What came of storing a new user.
#[derive(Debug, Clone)]
pub enum Insertion {
    /// It is stored.
    Stored(User),
    /// Another account holds the address.
    AddressTaken,
}

/// What came of giving a user an address.
#[derive(Debug, Clone)]
pub enum AddressChange {
    /// The user has it.
    Changed(User),
    /// Another account holds the address. The unit of work may be of no more use then, so end it with an error.
    Taken,
    /// There is no such user.
    NoSuchUser,
}

/// What came of giving a user a role, or of taking one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleChange {
    /// It is done.
    Changed,
    /// It was so already.
    Unchanged,
    /// There is no such user.
    NoSuchUser,
}
