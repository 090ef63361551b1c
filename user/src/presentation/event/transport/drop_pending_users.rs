//! What others registered with an address is deleted once somebody holds it.

use dullahan_core::Process;

use crate::domain::EmailAddress;

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
