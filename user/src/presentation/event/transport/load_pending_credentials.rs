//! Who is pending is looked up by a registration of theirs.

use dullahan_core::Event;

use crate::domain::{Credentials, UserId};

/// The users are looked up who have registered the address of this one and are pending, with the hashes of their passwords.
///
/// This one comes first, as the mail was sent for it. Then come the others, no more than
/// [`PendingUser::MOST`](crate::domain::PendingUser::MOST) in all and
/// [by turns](crate::domain::PendingUser::by_turns), so that a stranger who goes on registering the address does not keep
/// its owner's registration from being compared.
#[derive(Debug, Event)]
#[event(output = Vec<Credentials>, preventable)]
pub struct LoadPendingCredentials {
    /// The one that the activation mail was sent for.
    pub user_id: UserId,
}
