//! The account of an identifier is looked up.

use dullahan_core::Event;

use crate::domain::Credentials;

/// The account of an identifier is looked up, for a login. `None` if there is none.
#[derive(Debug, Event)]
#[event(output = Option<Credentials>, preventable)]
pub struct LoadCredentials {
    /// What the user is known by: the address, as typed.
    pub identifier: String,
}
