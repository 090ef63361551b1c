//! Somebody registers.

use dullahan_core::Saga;

use crate::domain::{RegistrationRequest, RegistrationResponse};

/// Somebody registers.
///
/// Its default runs [`ValidateRegistrationProcess`], [`HashPassword`] and [`CreateUserProcess`], or
/// [`NotifyTakenAddressProcess`] after the last one when the address has an account already.
///
/// # Rule
///
/// ASVS 5.0 item 6.3.8: a free and a taken address cost the same work and get the same answer.
///
/// [`ValidateRegistrationProcess`]: super::ValidateRegistrationProcess
/// [`HashPassword`]: super::HashPassword
/// [`CreateUserProcess`]: super::CreateUserProcess
/// [`NotifyTakenAddressProcess`]: super::NotifyTakenAddressProcess
#[derive(Debug, Saga)]
#[event(output = RegistrationResponse, preventable)]
pub struct RegisterUserSaga {
    /// What was asked for.
    pub request: RegistrationRequest,
}
