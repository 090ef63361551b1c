//! Somebody proves that a mailbox is theirs.

use dullahan_core::{Process, Saga};

use crate::domain::{ActivationPassword, Audited, PasswordHash, Token, TokenDigest, User, UserId};

/// Somebody proves, with the token from the mail, that the mailbox is theirs, and with the password that it was them who
/// registered; or they choose another password.
///
/// Its default runs [`ThrottleClient`], [`FindToken`], [`LoadPendingCredentials`], then [`VerifyPassword`] or
/// [`CheckPassword`] and [`HashPassword`], and [`ActivateUserProcess`]. A password that is wrong or weak does not use the
/// token up. Sent once more within [`Settings::activation_grace`], the token gets the same answer and nothing is done.
///
/// [`ThrottleClient`]: super::ThrottleClient
/// [`FindToken`]: super::FindToken
/// [`LoadPendingCredentials`]: super::LoadPendingCredentials
/// [`VerifyPassword`]: super::VerifyPassword
/// [`CheckPassword`]: super::CheckPassword
/// [`HashPassword`]: super::HashPassword
/// [`Settings::activation_grace`]: crate::domain::Settings::activation_grace
#[derive(Debug, Saga)]
#[event(output = User, preventable, views(dyn Audited))]
pub struct ActivateUserSaga {
    /// The token from the mail; `None` if what was sent has not even its form.
    pub token: Option<Token>,
    /// The password; required unless [`Settings::password_at_activation`] is off.
    ///
    /// [`Settings::password_at_activation`]: crate::domain::Settings::password_at_activation
    pub password: Option<ActivationPassword>,
}

/// A token is used up and a user with its address becomes active, in one unit of work. The other pending users with the
/// address are deleted, by [`DropPendingUsers`](super::DropPendingUsers).
///
/// Of any number of simultaneous attempts with one token, one succeeds.
#[derive(Debug, Clone, Process)]
#[event(output = User, preventable, repeatable)]
pub struct ActivateUserProcess {
    /// The digest of the token.
    pub digest: TokenDigest,
    /// Which user that is.
    pub activation: Activation,
}

/// Which user an activation makes active.
#[derive(Debug, Clone)]
pub enum Activation {
    /// A pending one, as it was registered.
    AsRegistered(UserId),
    /// One that has the address and this password and nothing else. [`CreateUserProcess`](super::CreateUserProcess)
    /// creates it, as an active user.
    Anew(PasswordHash),
}
