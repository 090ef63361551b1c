//! Mails from templates, through the event that writes them.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod golden;
mod language;
mod wiring;
mod writing;
