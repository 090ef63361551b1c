//! Somebody signs in.

use std::{fmt, sync::Arc};

use dullahan_core::Saga;

use crate::domain::{Audited, OpenedSession, PlainPassword, SessionTransport, TokenDigest};

/// Somebody signs in with a password.
///
/// Its default runs [`LoadCredentials`], [`CountAttemptProcess`], [`VerifyPassword`] and [`OpenSessionProcess`]. A try that
/// the service fails is given back: the password is not looked at, since too many others are, or it is the right one and no
/// session can be stored. A second factor is a listener before
/// [`OpenSessionProcess`]. If a listener after it fails, the session is closed again.
///
/// Its `Debug` does not show the identifier: a password is easily typed into the wrong field.
///
/// # Rule
///
/// ASVS 5.0 item 6.3.8: an unknown identifier and a wrong password cost the same work and get the same
/// answer; that an account is not active is told only after the right password.
///
/// [`CountAttemptProcess`]: super::CountAttemptProcess
/// [`LoadCredentials`]: super::LoadCredentials
/// [`VerifyPassword`]: super::VerifyPassword
/// [`OpenSessionProcess`]: super::OpenSessionProcess
#[derive(Saga)]
#[event(output = OpenedSession, preventable, views(dyn Audited))]
pub struct LogInSaga {
    /// What the user is known by: the address.
    pub identifier: String,
    /// The password.
    pub password: Arc<PlainPassword>,
    /// How the session's token will travel.
    pub transport: SessionTransport,
    /// The digest of the token that the client had until now, if it had one that travels alike: its session ends.
    pub replaces: Option<TokenDigest>,
}

impl fmt::Debug for LogInSaga {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogInSaga").field("transport", &self.transport).finish_non_exhaustive()
    }
}
