//! A forgotten password is replaced.

use std::sync::Arc;

use dullahan_core::{Event, Process, Saga};

use crate::domain::{
    Audited, OneTimeGrant, PasswordHash, PlainPassword, Token, TokenDigest, TokenPurpose, User,
};

/// A forgotten password is replaced, by whoever has the mail.
///
/// Its default runs [`ThrottleClient`], [`FindToken`], [`CheckPassword`], [`HashPassword`] and
/// [`ResetPasswordProcess`].
///
/// # Rule
///
/// ASVS 5.0 item 6.4.3 and the OWASP Forgot Password Cheat Sheet: it signs nobody in, ends all sessions, and the
/// owner is told by mail. A weak password does not use the token up.
///
/// [`ThrottleClient`]: super::ThrottleClient
/// [`CheckPassword`]: super::CheckPassword
/// [`HashPassword`]: super::HashPassword
#[derive(Debug, Saga)]
#[event(output = User, preventable, views(dyn Audited))]
pub struct ResetPasswordSaga {
    /// The token of the mail; `None` for one that has not even the form of a token.
    pub token: Option<Token>,
    /// The password that was chosen.
    pub password: Arc<PlainPassword>,
}

/// What a one-time token leads to is looked up, without using it up. `None` if it leads nowhere.
#[derive(Debug, Event)]
#[event(output = Option<OneTimeGrant>, preventable)]
pub struct FindToken {
    /// The digest of the token.
    pub digest: TokenDigest,
    /// What it has to allow.
    pub purpose: TokenPurpose,
}

/// The token is used up and the password of an active user replaced.
///
/// In the same unit of work all sessions end, a change of the address is cancelled, all other tokens and all that was
/// asked for them are void, and a mail is owed that tells the owner.
#[derive(Debug, Clone, Process)]
#[event(output = User, preventable, repeatable)]
pub struct ResetPasswordProcess {
    /// The digest of the token.
    pub digest: TokenDigest,
    /// The hash of the new password.
    pub password_hash: PasswordHash,
}
