//! An account with what a login is checked against.

use crate::domain::{PasswordHash, User};

/// An account with what a login is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// What its password is checked against; `None` if it has no password.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 6.3.8: without one a login is checked all the same, and fails after the same work.
    pub password_hash: Option<PasswordHash>,
}
