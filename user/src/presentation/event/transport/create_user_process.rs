//! A user is created.

use dullahan_core::Process;

use crate::domain::{NewUser, User};

/// A user is created: the row, and the activation mail that is owed for it, in one unit of work.
///
/// Listen before it to fill a field, after it to write to a table of your own in the same unit of work, once
/// it is committed to act outside; prevent it and respond to create the user somewhere else.
#[derive(Debug, Clone, Process)]
#[event(output = User, preventable, repeatable)]
pub struct CreateUserProcess {
    /// The user that is to be.
    pub user: NewUser,
}
