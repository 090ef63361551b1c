//! Who is pending is looked up by a registration of theirs.

use dullahan_core::Event;

use crate::domain::{Credentials, UserId};

/// All who have registered the address of this user and are pending are looked up, the latest first, with the hashes of
/// their passwords.
#[derive(Debug, Event)]
#[event(output = Vec<Credentials>, preventable)]
pub struct LoadPendingCredentials {
    /// One of them.
    pub user_id: UserId,
    /// The most to look up.
    pub limit: u32,
}
