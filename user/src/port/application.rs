//! What the module offers: the use cases, for HTTP, jobs and tests alike.
//!
//! Every method takes the [`Context`] in which the events are dispatched; a job or a test makes one with
//! [`Context::new`].

use std::sync::Arc;

use dullahan_core::{BoxFuture, Context, Result};
use serde_json::{Map, Value};

use crate::domain::{
    CurrentSession, OpenedSession, PlainPassword, RegistrationRequest, RegistrationResponse,
    SessionId, SessionTransport, Token, TokenDigest, User, UserId,
};

/// Makes and changes users.
pub trait UserPersistManager: Send + Sync + 'static {
    /// Registers a user.
    ///
    /// # Errors
    ///
    /// [`Fault::Invalid`](dullahan_core::Fault::Invalid) with everything that is wrong with the request.
    fn register<'a>(
        &'a self,
        context: &'a Context,
        request: RegistrationRequest,
    ) -> BoxFuture<'a, Result<RegistrationResponse>>;

    /// Activates the user of a token; `None` stands for a token that has not even the form of one.
    ///
    /// # Errors
    ///
    /// `token_invalid` for whatever is wrong with the token.
    fn activate<'a>(
        &'a self,
        context: &'a Context,
        token: Option<Token>,
    ) -> BoxFuture<'a, Result<User>>;
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
}

/// Lets users in and out.
pub trait UserSessionManager: Send + Sync + 'static {
    /// Opens a session for whoever knows the password.
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
}
