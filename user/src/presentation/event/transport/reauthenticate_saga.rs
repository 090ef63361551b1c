//! Somebody who is signed in proves again who they are.

use std::sync::Arc;

use dullahan_core::{Event, Process, Saga};

use crate::domain::{Audited, Credentials, CurrentSession, OpenedSession, PlainPassword, UserId};

/// Somebody who is signed in proves again who they are; the session gets a new token.
///
/// Its default runs [`ProveOwnPassword`] and [`RenewSessionProcess`].
///
/// # Rule
///
/// ASVS 5.0 items 7.2.4 and 7.5.1.
#[derive(Debug, Saga)]
#[event(output = OpenedSession, preventable, views(dyn Audited))]
pub struct ReauthenticateSaga {
    /// The session.
    pub current: CurrentSession,
    /// The password that was typed.
    pub password: Arc<PlainPassword>,
}

/// A user proves to know their own password.
///
/// Its default runs [`LoadOwnCredentials`], [`CountAttemptProcess`](super::CountAttemptProcess),
/// [`VerifyPassword`](super::VerifyPassword) and [`ForgetAttemptsProcess`](super::ForgetAttemptsProcess). Its tries are counted
/// apart from logins.
#[derive(Debug, Event)]
#[event(output = Credentials, preventable)]
pub struct ProveOwnPassword {
    /// Whose password it has to be.
    pub user_id: UserId,
    /// The password that was typed.
    pub password: Arc<PlainPassword>,
    /// Where it is in what the client sent, as a JSON pointer.
    pub pointer: &'static str,
}

/// The account of a user with the hash of the password is looked up. `None` if there is none.
#[derive(Debug, Event)]
#[event(output = Option<Credentials>, preventable)]
pub struct LoadOwnCredentials {
    /// Which user.
    pub user_id: UserId,
}

/// A session gets a new token, and the time at which its user proved who they are.
#[derive(Debug, Clone, Process)]
#[event(output = OpenedSession, preventable, repeatable)]
pub struct RenewSessionProcess {
    /// The session as it is.
    pub current: CurrentSession,
}

/// A user wants to do what only somebody may who has proven lately who they are.
///
/// # Rule
///
/// ASVS 5.0 item 7.5.1, RFC 9470.
#[derive(Debug, Event)]
#[event(output = (), preventable)]
pub struct RequireRecentAuthentication {
    /// The session.
    pub current: CurrentSession,
}
