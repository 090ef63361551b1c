//! Mails to a real SMTP server on this machine, by the mailer alone and by the user module.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[cfg(feature = "tls")]
mod encryption;
mod mailer;
mod module;
mod support;
