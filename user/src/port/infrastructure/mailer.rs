//! What carries mails.

use std::{error::Error as StdError, time::Duration};

use dullahan_core::{BoxFuture, Error, Result};

use crate::domain::MailMessage;

/// Carries mails.
pub trait Mailer: Send + Sync + 'static {
    /// Hands one mail over for good.
    ///
    /// # Errors
    ///
    /// When it was not taken. It is tried again later, unless the error came from [`MailRefused`].
    fn send<'a>(&'a self, mail: &'a MailMessage) -> BoxFuture<'a, Result<()>>;

    /// How long it takes for one mail at most, if it limits that.
    ///
    /// [`Settings::mail_lease`](crate::domain::Settings::mail_lease) has to be longer, which `build()` checks.
    fn time_out(&self) -> Option<Duration> {
        None
    }
}

/// A mail was refused for good: trying again is of no use, because of its recipient or of what it is.
///
/// A failure of the mailer itself, such as wrong credentials, is none of that: every mail would be lost by it.
#[derive(Debug, thiserror::Error)]
#[error("the mail was refused for good")]
pub struct MailRefused(#[source] Box<dyn StdError + Send + Sync>);

impl MailRefused {
    /// The error that tells of it, with the reason that was given.
    pub fn error(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error::internal(Self(reason.into()))
    }

    /// Whether an error tells of it.
    pub fn is_told_by(error: &Error) -> bool {
        error.source().is_some_and(|source| source.is::<Self>())
    }
}
