//! Mails through an SMTP server.

mod connection;
mod credentials;
mod failure;
mod settings;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use dullahan_core::{BoxFuture, Error, Result};
use dullahan_user::{
    domain::MailMessage,
    port::{MailRefused, Mailer},
};
use lettre::{Message, message::Mailbox, transport::smtp::client::AsyncSmtpConnection};

use self::{
    connection::{Connector, is_ready, transmit},
    failure::SmtpFailure,
};
pub use self::{
    credentials::SmtpCredentials,
    settings::{InvalidSmtpUrl, SmtpSecurity, SmtpSettings},
};
use crate::{
    address::{InvalidSender, sender},
    message::message,
};

/// Hands mails over to an SMTP server, on a runtime of tokio.
///
/// A mail was taken when the server has answered for it. What the server refuses because of its recipient or its
/// content is [`MailRefused`]; everything else, a server that refuses the sender or the credentials included, is
/// worth trying again.
///
/// Connections are kept and used again. One that is in the middle of something when a send is dropped or takes
/// too long is closed, so that no mail is ever answered with what was meant for another.
///
/// # Rule
///
/// RFC 8314 section 4.1 and ASVS 5.0 item 12.3.1: mail is handed over encrypted, to a server whose certificate was
/// checked. Without encryption it goes to this machine alone, and only if asked for.
pub struct SmtpMailer {
    from: Mailbox,
    settings: SmtpSettings,
    connector: Connector,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl SmtpMailer {
    /// The mailer with these settings; it connects when there is a mail. `from` is the sender:
    /// `Cellar <no-reply@cellar.example>`.
    ///
    /// # Errors
    ///
    /// If the settings contradict each other, or `from` is not a sender.
    pub fn new(settings: SmtpSettings, from: &str) -> Result<Self, SmtpMailerError> {
        let from = sender(from)?;
        let connector = Connector::new(&settings, from.email.domain())?;
        Ok(Self { from, settings, connector, idle: Mutex::default() })
    }

    /// Connects, and signs in if there are credentials: an application that asks for it when it starts finds
    /// wrong settings then and not with the first mail.
    ///
    /// # Errors
    ///
    /// When there is no such server, or it does not take the credentials.
    pub async fn check(&self) -> Result<()> {
        let opening = self.connector.open();
        let connection = tokio::time::timeout(self.settings.timeout, opening)
            .await
            .unwrap_or(Err(SmtpFailure::TimedOut))
            .map_err(Error::unavailable)?;
        self.keep(connection);
        Ok(())
    }

    async fn hand_over(&self, message: &Message) -> Result<(), SmtpFailure> {
        let mut connection = self.connection().await?;
        let result = transmit(&mut connection, message).await;
        // Whoever gave an answer waits for the next mail.
        if result.as_ref().err().is_none_or(SmtpFailure::is_answer) {
            self.keep(connection);
        }
        result
    }

    /// A connection out of those that are kept, if one is still good, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, SmtpFailure> {
        while let Some(mut connection) = self.take_kept() {
            if is_ready(&mut connection).await {
                return Ok(connection);
            }
        }
        self.connector.open().await
    }

    fn take_kept(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < self.settings.idle_timeout);
        idle.pop().map(|(connection, _)| connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.settings.idle_connections {
            idle.push((connection, Instant::now()));
        }
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let message = message(&self.from, mail)?;
            let handing_over = self.hand_over(&message);
            let result = tokio::time::timeout(self.settings.timeout, handing_over)
                .await
                .unwrap_or(Err(SmtpFailure::TimedOut));
            result.map_err(|failure| {
                if failure.is_final() {
                    MailRefused::error(failure)
                } else {
                    Error::unavailable(failure)
                }
            })
        })
    }

    fn time_out(&self) -> Option<Duration> {
        Some(self.settings.timeout)
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SmtpMailer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Why there is no such mailer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmtpMailerError {
    /// The sender is not an address.
    #[error(transparent)]
    Sender(#[from] InvalidSender),
    /// Mails would go to another machine without encryption.
    #[error(
        "without encryption mails go to this machine only, as `localhost` or a loopback address"
    )]
    PlainToElsewhere,
    /// Encryption is asked for and not compiled in.
    #[error("encryption needs the feature `tls`")]
    TlsNotCompiledIn,
    /// Encryption could not be set up.
    #[error("encryption could not be set up")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}
