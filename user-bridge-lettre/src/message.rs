//! A mail of the module as a message of lettre.

use dullahan_core::{Error, Result};
use dullahan_user::domain::MailMessage;
use lettre::{
    Address, Message,
    message::{Mailbox, header::ContentType},
};

/// The message, encoded as RFC 5322 and RFC 2045 want it; lettre refuses whatever would inject a header.
pub(crate) fn message(from: &Mailbox, mail: &MailMessage) -> Result<Message> {
    let to: Address = mail.to.as_str().parse().map_err(|error| unwritable("address", error))?;
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(&mail.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())
        .map_err(|error| unwritable("message", error))
}

fn unwritable(what: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal(Unwritable { what, source: Box::new(source) })
}

/// A mail could not be put into the form in which it travels.
#[derive(Debug, thiserror::Error)]
#[error("the {what} of a mail could not be written")]
struct Unwritable {
    what: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}
