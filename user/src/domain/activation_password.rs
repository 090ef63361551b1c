//! The password that comes with an activation.

use std::sync::Arc;

use crate::domain::PlainPassword;

/// The password that comes with an activation.
///
/// # Rule
///
/// Sudhodanan and Paverd, "Pre-hijacked Accounts" (USENIX Security 2022): whoever registers an address is not its owner
/// by that. The token proves the mailbox; only the password proves that its owner registered, too.
#[derive(Debug, Clone)]
pub enum ActivationPassword {
    /// The one that was given at registration: the account is activated as it was registered.
    Registered(Arc<PlainPassword>),
    /// Another one: the account has this password, and nothing of what was registered but the address.
    New(Arc<PlainPassword>),
}
