//! A user is created.

use dullahan_core::Process;

use crate::domain::{NewUser, User};

/// A user is created: the row, and for a pending one the request for the activation mail, in one unit of work.
///
/// It runs at every registration. A pending user holds no address, and any number of them may have the same one. So while
/// [`enumeration_protection`](crate::domain::Settings::enumeration_protection) is on, it succeeds for a free and for a taken
/// address alike, and its listeners run for both. With the protection off, it fails for a taken address with a conflict,
/// `email_taken`, before its after-listeners run.
///
/// It also runs at an activation with another password than the one of the registration, which creates the user anew. That
/// user is active ([`NewUser::activated_at`]) and holds the address, so the process fails if another account has it.
///
/// Listen before it to fill a field. Listen after it to write to a table of your own in the same unit of work. Listen once
/// it is committed to act outside. To create the user somewhere else, prevent it and respond.
///
/// Do not refuse a registration here, but in [`ValidateRegistrationProcess`](super::ValidateRegistrationProcess). A creation
/// that an application puts in place of this default may treat a free and a taken address differently, and then a refusal
/// would tell a stranger which of the two it is. So while the protection is on, a refusal in this process is kept from the
/// client: the client gets the usual answer, no user is stored, and the refusal is an error in the log. An error with the
/// code `email_taken`, by which a creation of your own reports that the address has an account, is not logged. Instead a
/// mail is requested for the address, as for any registration.
#[derive(Debug, Clone, Process)]
#[event(output = User, preventable, repeatable)]
pub struct CreateUserProcess {
    /// The user that is to be.
    pub user: NewUser,
}
