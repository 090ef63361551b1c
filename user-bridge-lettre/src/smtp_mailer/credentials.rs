//! What a mailer signs in with.

use std::fmt;

use lettre::transport::smtp::authentication::Credentials;

/// What a mailer signs in with at its server. `Debug` hides it.
#[derive(Clone)]
pub struct SmtpCredentials(Credentials);

impl SmtpCredentials {
    /// A name and its password.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self(Credentials::new(user.into(), password.into()))
    }

    pub(super) const fn expose(&self) -> &Credentials {
        &self.0
    }
}

impl fmt::Debug for SmtpCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SmtpCredentials(…)")
    }
}
