//! A hash is brought up to date.

use dullahan_core::Process;

use crate::domain::{PasswordHash, UserId};

/// The hash of a password is replaced by one of the same password with the parameters of today.
///
/// # Rule
///
/// OWASP Password Storage Cheat Sheet, "Upgrading the Work Factor": at the next login.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct ReplacePasswordHashProcess {
    /// Whose it is.
    pub user_id: UserId,
    /// The hash that was checked.
    pub old: PasswordHash,
    /// The hash to put in its place.
    pub new: PasswordHash,
}
