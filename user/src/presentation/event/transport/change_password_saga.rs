//! A password is changed.

use std::sync::Arc;

use dullahan_core::{Process, Saga};

use crate::domain::{Audited, CurrentSession, OpenedSession, PasswordHash, PlainPassword};

/// A user changes the password.
///
/// Its default runs [`RequireRecentAuthentication`], [`CheckPassword`], [`ProveOwnPassword`], [`HashPassword`] and
/// [`ChangePasswordProcess`].
///
/// # Rule
///
/// ASVS 5.0 items 6.2.2, 6.2.3 and 6.3.7.
///
/// [`RequireRecentAuthentication`]: super::RequireRecentAuthentication
/// [`CheckPassword`]: super::CheckPassword
/// [`ProveOwnPassword`]: super::ProveOwnPassword
/// [`HashPassword`]: super::HashPassword
#[derive(Debug, Saga)]
#[event(output = OpenedSession, preventable, views(dyn Audited))]
pub struct ChangePasswordSaga {
    /// The session.
    pub current: CurrentSession,
    /// The password as it is, as typed.
    pub current_password: Arc<PlainPassword>,
    /// The password that was chosen.
    pub new_password: Arc<PlainPassword>,
}

/// The password is replaced.
///
/// In the same unit of work all other sessions end, this one gets a new token, tokens and a change of the address
/// that wait are cancelled, and a mail is owed that tells the owner.
#[derive(Debug, Clone, Process)]
#[event(output = OpenedSession, preventable, repeatable)]
pub struct ChangePasswordProcess {
    /// The session that stays, under another token.
    pub current: CurrentSession,
    /// The hash of the new password.
    pub password_hash: PasswordHash,
}
