//! An account that somebody asks for.

use crate::domain::{DisplayName, EmailAddress, PlainPassword};

/// An account that somebody asks for: parsed, not yet checked against the policies and not yet stored.
#[derive(Debug)]
pub struct RegisteringUser {
    /// The address, which is not proven and may be taken.
    pub email: EmailAddress,
    /// The name to show, if one was given.
    pub display_name: Option<DisplayName>,
    /// The password, in clear until it is hashed.
    pub password: PlainPassword,
}
