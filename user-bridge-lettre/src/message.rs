//! A mail of the module as a message of lettre.

use dullahan_core::{Error, Result};
use dullahan_user::domain::{MailId, MailMessage};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use crate::address::address;

/// The message, encoded as RFC 5322 and RFC 2045 want it; lettre refuses whatever would inject a header.
///
/// # Rule
///
/// - RFC 3834 section 5: nobody is to answer a mail that a program has sent by itself.
/// - RFC 5322 section 3.6.4: what is sent again is the same message, so it has the same identifier.
/// - RFC 2046 section 5.1.4: alternatives stand in the order of increasing preference, plain text first.
pub(crate) fn message(from: &Mailbox, mail: &MailMessage) -> Result<Message> {
    let to = address(mail.to.as_str()).map_err(|error| unwritable("address", error))?;
    let id = mail.id.unwrap_or_else(MailId::new);
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(&mail.subject)
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    let text = with_plain_breaks(&mail.text);
    match &mail.html {
        Some(html) => {
            builder.multipart(MultiPart::alternative_plain_html(text, with_plain_breaks(html)))
        }
        None => builder.header(ContentType::TEXT_PLAIN).body(text),
    }
    .map_err(|error| unwritable("message", error))
}

/// The text with one kind of line breaks, of which lettre makes CRLF.
///
/// # Rule
///
/// RFC 5321 section 2.3.8: CR and LF travel together and never alone. Servers that differ about a lone one let a
/// second mail be smuggled in.
fn with_plain_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
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
