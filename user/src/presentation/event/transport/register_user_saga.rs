//! Somebody registers.

use dullahan_core::Saga;

use crate::domain::{Audited, RegistrationRequest, RegistrationResponse};

/// Somebody registers.
///
/// Its default runs [`ValidateRegistrationProcess`], [`HashPassword`] and [`CreateUserProcess`].
///
/// # Rule
///
/// ASVS 5.0 item 6.3.8: a free and a taken address take the same statements and get the same answer. Whether somebody
/// holds the address is looked up by the worker that sends the mail.
///
/// [`ValidateRegistrationProcess`]: super::ValidateRegistrationProcess
/// [`HashPassword`]: super::HashPassword
/// [`CreateUserProcess`]: super::CreateUserProcess
#[derive(Debug, Saga)]
#[event(output = RegistrationResponse, preventable, views(dyn Audited))]
pub struct RegisterUserSaga {
    /// What was asked for.
    pub request: RegistrationRequest,
}
