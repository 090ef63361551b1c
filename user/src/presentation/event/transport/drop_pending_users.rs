//! Registrations are deleted: all of an address once somebody holds it, or those that are too many.

use dullahan_core::Process;

use crate::domain::{EmailAddress, UserId};

/// The pending users with an address are deleted, with all that refers to them, as somebody holds the address.
///
/// It is a step of an activation, of a change of an address and of answering a registration. Rows of an application's
/// own that refer to such a user have to go along, by `ON DELETE CASCADE` or by a listener before this.
///
/// Its output is how many there were.
#[derive(Debug, Clone, Process)]
#[event(output = u64, preventable, repeatable)]
pub struct DropPendingUsers {
    /// The address.
    pub email: EmailAddress,
}

/// Of the registrations of one address those are deleted that [are too many](crate::domain::PendingUser::surplus), with all
/// that refers to them.
///
/// It is a step of answering a registration, after the answer that the client got: so its duration tells a client nothing.
/// Its output is how many there were.
#[derive(Debug, Clone, Process)]
#[event(output = u64, preventable, repeatable)]
pub struct DropSurplusPendingUsers {
    /// One of those who have registered the address.
    pub user_id: UserId,
}
