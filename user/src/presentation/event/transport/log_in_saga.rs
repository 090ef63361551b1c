//! Somebody signs in.

use std::sync::Arc;

use dullahan_core::Saga;

use crate::domain::{OpenedSession, PlainPassword, SessionTransport};

/// Somebody signs in with a password.
///
/// Its default runs [`LoadCredentials`], [`VerifyPassword`] and [`OpenSessionProcess`]. A second factor is a
/// listener before [`OpenSessionProcess`].
///
/// # Rule
///
/// ASVS 5.0 item 6.3.8: an unknown identifier and a wrong password cost the same work and get the same
/// answer; that an account is not active is told only after the right password.
///
/// [`LoadCredentials`]: super::LoadCredentials
/// [`VerifyPassword`]: super::VerifyPassword
/// [`OpenSessionProcess`]: super::OpenSessionProcess
#[derive(Debug, Saga)]
#[event(output = OpenedSession, preventable)]
pub struct LogInSaga {
    /// What the user is known by: the address.
    pub identifier: String,
    /// The password.
    pub password: Arc<PlainPassword>,
    /// How the session's token will travel.
    pub transport: SessionTransport,
}
