//! A password is checked against a hash.

use std::sync::Arc;

use dullahan_core::Event;

use crate::{
    domain::{PasswordHash, PlainPassword},
    port::Verification,
};

/// A password is checked against a hash, with no unit of work open, as that takes long.
///
/// # Rule
///
/// ASVS 5.0 item 6.3.8: dispatched exactly once at each login, also for an unknown identifier.
#[derive(Debug, Event)]
#[event(output = Verification, preventable)]
pub struct VerifyPassword {
    /// The password that was typed.
    pub password: Arc<PlainPassword>,
    /// The hash of the account; `None` where there is no account.
    pub hash: Option<PasswordHash>,
}
