//! What the module offers: the use cases, for HTTP, jobs and tests alike.
//!
//! Every method takes the [`Context`] in which the events are dispatched; a job or a test makes one with
//! [`Context::new`].

use std::sync::Arc;

use dullahan_core::{BoxFuture, Context, Result};
use serde_json::{Map, Value};

use crate::domain::{
    AccountRequest, ActivationPassword, CurrentSession, EmailAddress, EmailConfirmation,
    OpenedSession, PlainPassword, RegistrationRequest, RegistrationResponse, Role, SessionId,
    SessionTransport, Token, TokenDigest, User, UserId,
};

/// Makes and changes users.
pub trait UserPersistManager: Send + Sync + 'static {
    /// Registers a user.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](dullahan_core::ErrorKind::Invalid) with everything that is wrong with the request.
    fn register<'a>(
        &'a self,
        context: &'a Context,
        request: RegistrationRequest,
    ) -> BoxFuture<'a, Result<RegistrationResponse>>;

    /// Activates the user of a token; `None` stands for a token that has not even the form of one.
    ///
    /// # Errors
    ///
    /// `token_invalid` for whatever is wrong with the token, and what is wrong with the password.
    fn activate<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
        password: Option<ActivationPassword>,
    ) -> BoxFuture<'a, Result<User>>;

    /// Asks for the activation mail once more.
    ///
    /// # Errors
    ///
    /// When it is asked too often; never because of the address.
    fn resend_activation<'a>(
        &'a self,
        context: &'a Context,
        email: EmailAddress,
    ) -> BoxFuture<'a, Result<()>>;

    /// Changes what the user may change without further ado.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the request.
    fn update<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
        request: AccountRequest,
    ) -> BoxFuture<'a, Result<User>>;

    /// Removes the account of the session.
    ///
    /// # Errors
    ///
    /// `reauthentication_required`, or when the password is wrong or was tried too often.
    fn remove<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
        password: Arc<PlainPassword>,
    ) -> BoxFuture<'a, Result<()>>;
}

/// Looks users up.
pub trait UserRetrievalManager: Send + Sync + 'static {
    /// A user, as a client sees it.
    ///
    /// # Errors
    ///
    /// `not_found` when there is no such user.
    fn account<'a>(
        &'a self,
        context: &'a Context,
        id: UserId,
    ) -> BoxFuture<'a, Result<Map<String, Value>>>;

    /// A user as a client sees it, where the user is known already.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn serialize<'a>(
        &'a self,
        context: &'a Context,
        user: User,
    ) -> BoxFuture<'a, Result<Map<String, Value>>>;

    /// All that is kept about the user of the session.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn export<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
    ) -> BoxFuture<'a, Result<Map<String, Value>>>;
}

/// Lets users in and out.
pub trait UserSessionManager: Send + Sync + 'static {
    /// Opens a session for whoever knows the password, in the place of the one that the client had until now, if it had
    /// one.
    ///
    /// # Errors
    ///
    /// `invalid_credentials`, or why a user with the right password may not come in.
    fn log_in<'a>(
        &'a self,
        context: &'a Context,
        identifier: String,
        password: Arc<PlainPassword>,
        transport: SessionTransport,
        replaces: Option<TokenDigest>,
    ) -> BoxFuture<'a, Result<OpenedSession>>;

    /// The live session of a token, which from then on is the one of the context.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn resolve<'a>(
        &'a self,
        context: &'a Context,
        digest: TokenDigest,
        transport: SessionTransport,
    ) -> BoxFuture<'a, Result<Option<CurrentSession>>>;

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn log_out<'a>(&'a self, context: &'a Context, id: SessionId) -> BoxFuture<'a, Result<()>>;

    /// Renews the session for whoever knows the password of its user.
    ///
    /// # Errors
    ///
    /// `/password` is `wrong_password`, or was tried too often.
    fn reauthenticate<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
        password: Arc<PlainPassword>,
    ) -> BoxFuture<'a, Result<OpenedSession>>;

    /// The sessions of the user of this one, as a client sees them.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn sessions<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
    ) -> BoxFuture<'a, Result<Vec<Map<String, Value>>>>;

    /// Ends a session of this user.
    ///
    /// # Errors
    ///
    /// `not_found` when the user has no such session.
    fn revoke<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
        session_id: SessionId,
    ) -> BoxFuture<'a, Result<()>>;

    /// Ends all sessions of the user but this one; how many there were.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn revoke_others<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
    ) -> BoxFuture<'a, Result<u64>>;
}

/// Changes passwords, remembered and forgotten ones.
pub trait UserPasswordManager: Send + Sync + 'static {
    /// Asks for a mail with which to choose a new password.
    ///
    /// # Errors
    ///
    /// When it is asked too often; never because of the address.
    fn forgot_password<'a>(
        &'a self,
        context: &'a Context,
        email: EmailAddress,
    ) -> BoxFuture<'a, Result<()>>;

    /// Replaces a forgotten password; `None` stands for a token that has not even the form of one.
    ///
    /// # Errors
    ///
    /// `token_invalid`, or what is wrong with the password.
    fn reset_password<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
        password: Arc<PlainPassword>,
    ) -> BoxFuture<'a, Result<User>>;

    /// Replaces the password of the user of the session, which gets a new token.
    ///
    /// # Errors
    ///
    /// `reauthentication_required`, or what is wrong with either password.
    fn change_password<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
        current_password: Arc<PlainPassword>,
        new_password: Arc<PlainPassword>,
    ) -> BoxFuture<'a, Result<OpenedSession>>;
}

/// Changes addresses, with both mailboxes agreeing.
pub trait UserAddressManager: Send + Sync + 'static {
    /// Asks for another address; both mailboxes have to agree.
    ///
    /// # Errors
    ///
    /// `reauthentication_required`, or when it is asked too often; never because the address is taken.
    fn request_email_change<'a>(
        &'a self,
        context: &'a Context,
        current: CurrentSession,
        email: EmailAddress,
    ) -> BoxFuture<'a, Result<()>>;

    /// Agrees to a change of the address, for the mailbox of the token.
    ///
    /// # Errors
    ///
    /// `token_invalid` for whatever is wrong with the token.
    fn confirm_email_change<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
    ) -> BoxFuture<'a, Result<EmailConfirmation>>;

    /// Stops a change of the address, by the token of either mailbox; whose it was.
    ///
    /// # Errors
    ///
    /// `token_invalid` for whatever is wrong with the token.
    fn cancel_email_change<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
    ) -> BoxFuture<'a, Result<UserId>>;
}

/// Says what users may do. No route leads here; who may ask for it is the application's to decide.
pub trait UserRoleManager: Send + Sync + 'static {
    /// Gives a user a role, from the user's next request on; whether that changed anything.
    ///
    /// # Errors
    ///
    /// `not_found` when there is no such user.
    fn grant_role<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
        role: Role,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Takes a role from a user, from the user's next request on; whether that changed anything.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 8.3.2: at once, without a new login.
    ///
    /// # Errors
    ///
    /// `not_found` when there is no such user.
    fn revoke_role<'a>(
        &'a self,
        context: &'a Context,
        user_id: UserId,
        role: Role,
    ) -> BoxFuture<'a, Result<bool>>;
}
