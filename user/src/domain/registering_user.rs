//! An account that somebody asks for.

use std::sync::Arc;

use crate::domain::{DisplayName, EmailAddress, Locale, PlainPassword};

/// An account that somebody asks for: parsed, not yet checked against the policies and not yet stored.
#[derive(Debug)]
pub struct RegisteringUser {
    /// The address, which is not proven and may be taken.
    pub email: EmailAddress,
    /// The name to show, if one was given.
    pub display_name: Option<DisplayName>,
    /// The language to write to the user in, if one was given.
    pub locale: Option<Locale>,
    /// The password, in clear until it is hashed.
    pub password: Arc<PlainPassword>,
}
