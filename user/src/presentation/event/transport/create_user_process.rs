//! A user is created.

use dullahan_core::Process;

use crate::domain::{NewUser, User};

/// A user is created: the row, and for a pending one the request for the activation mail, in one unit of work.
///
/// It runs at every registration, for a free and a taken address alike: a pending user holds no address, and any number
/// of them may have the same one. An activation with another password than the one of the registration creates its user
/// anew; that one is active ([`NewUser::activated_at`]).
///
/// Listen before it to fill a field, after it to write to a table of your own in the same unit of work, once
/// it is committed to act outside; prevent it and respond to create the user somewhere else.
///
/// Do not refuse a registration here: for a taken address this process fails before its after-listeners run, so a
/// refusal would tell a stranger that the address is free. While
/// [`enumeration_protection`](crate::domain::Settings::enumeration_protection) is on, the client gets the usual answer
/// instead, no user is stored, and the log has the refusal as an error. Refuse in
/// [`ValidateRegistrationProcess`](super::ValidateRegistrationProcess), which runs for every address.
#[derive(Debug, Clone, Process)]
#[event(output = User, preventable, repeatable)]
pub struct CreateUserProcess {
    /// The user that is to be.
    pub user: NewUser,
}
