//! Mails to SMTP servers on this machine, one that refuses what a test wants and one that others wrote, by the mailer alone and
//! by the user module.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod aiosmtpd;
#[cfg(feature = "tls")]
mod encryption;
mod mailer;
mod module;
mod support;
