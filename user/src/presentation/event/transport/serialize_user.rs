//! A user is written for a client.

use dullahan_core::Event;
use serde_json::{Map, Value};

use crate::domain::User;

/// A user is written for a client: the members of a JSON object. Listen after it to add some.
#[derive(Debug, Event)]
#[event(output = Map<String, Value>, preventable)]
pub struct SerializeUser {
    /// The user.
    pub user: User,
}
