//! What carries mails.

use dullahan_core::{BoxFuture, Result};

use crate::domain::MailMessage;

/// Carries mails.
pub trait Mailer: Send + Sync + 'static {
    /// Hands one mail over for good.
    ///
    /// # Errors
    ///
    /// When it was not taken; it is tried again later.
    fn send<'a>(&'a self, mail: &'a MailMessage) -> BoxFuture<'a, Result<()>>;
}
