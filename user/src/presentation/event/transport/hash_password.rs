//! A password becomes a hash.

use std::sync::Arc;

use dullahan_core::Event;

use crate::domain::{PasswordHash, PlainPassword};

/// A password becomes a hash, with no unit of work open, as that takes long.
#[derive(Debug, Event)]
#[event(output = PasswordHash, preventable)]
pub struct HashPassword {
    /// The password that was chosen.
    pub password: Arc<PlainPassword>,
}
