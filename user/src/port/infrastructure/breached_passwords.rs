//! Which passwords were breached.

use dullahan_core::{BoxFuture, Result};

use crate::domain::PasswordFingerprint;

/// Knows which passwords were breached: a service, or a list on this machine.
///
/// # Rule
///
/// ASVS 5.0 items 6.2.12 and 15.2.2: a service is told no more of a fingerprint than its
/// [`prefix`](PasswordFingerprint::prefix), and has to answer within a time that the implementation sets.
pub trait BreachedPasswords: Send + Sync + 'static {
    /// Whether the password of this fingerprint was breached.
    ///
    /// # Errors
    ///
    /// When nobody can tell for the moment. It is logged, so it says nothing of the fingerprint.
    fn is_breached<'a>(
        &'a self,
        fingerprint: &'a PasswordFingerprint,
    ) -> BoxFuture<'a, Result<bool>>;
}
