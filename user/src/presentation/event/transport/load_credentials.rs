//! The account of an identifier is looked up.

use std::fmt;

use dullahan_core::Event;

use crate::domain::Credentials;

/// The account of an identifier is looked up, for a login. `None` if there is none.
///
/// Its `Debug` does not show the identifier: a password is easily typed into the wrong field.
#[derive(Event)]
#[event(output = Option<Credentials>, preventable)]
pub struct LoadCredentials {
    /// What the user is known by: the address, as typed.
    pub identifier: String,
}

impl fmt::Debug for LoadCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadCredentials").finish_non_exhaustive()
    }
}
