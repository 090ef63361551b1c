//! A password that somebody wants to choose is checked.

use std::sync::Arc;

use dullahan_core::Event;

use crate::domain::PlainPassword;

/// A password that somebody wants to choose is checked: at registration, change and reset alike.
///
/// Its default applies the [`PasswordPolicy`](crate::domain::PasswordPolicy) and the
/// [`PasswordStrength`](crate::port::PasswordStrength). Listen before it to add a rule; it gathers, so one answer names
/// everything that is wrong. Listen after it to ask somebody else, as `RefuseBreachedPasswords` does: only about a
/// password that everything else accepts.
#[derive(Debug, Event)]
#[event(output = (), preventable, gathers)]
pub struct CheckPassword {
    /// The password that was chosen.
    pub password: Arc<PlainPassword>,
    /// Words that anybody can expect of this user: the address, the name.
    pub personal: Vec<String>,
    /// Where it is in what the client sent, as a JSON pointer.
    pub pointer: &'static str,
}
