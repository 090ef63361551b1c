//! A user is looked up.

use dullahan_core::Event;

use crate::domain::{User, UserId};

/// A user is looked up. `None` if there is none.
#[derive(Debug, Event)]
#[event(output = Option<User>, preventable)]
pub struct GetUser {
    /// Which one.
    pub id: UserId,
}
