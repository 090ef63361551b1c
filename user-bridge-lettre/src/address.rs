//! Addresses in the form in which they travel: the domain as A-labels.

use lettre::{Address, address::AddressError, message::Mailbox};
use url::Host;

/// The address for an envelope or a header.
///
/// # Rule
///
/// RFC 6531 section 3.7.1 and RFC 5890 section 2.3.2.1: a server without SMTPUTF8 takes a domain as A-labels only.
pub(crate) fn address(text: &str) -> Result<Address, AddressError> {
    let address: Address = text.parse()?;
    if address.domain().is_ascii() {
        return Ok(address);
    }
    Address::new(address.user(), ascii_host(address.domain()).ok_or(AddressError::InvalidDomain)?)
}

/// The name of a host in ASCII; `None` if it cannot be the name of one.
pub(crate) fn ascii_host(name: &str) -> Option<String> {
    Host::parse(name).ok().map(|host| host.to_string())
}

/// Reads who mails are from: `no-reply@cellar.example` or `Cellar <no-reply@cellar.example>`.
///
/// The name may be any text, with commas and without quotes; the header encodes it where that is needed.
pub(crate) fn sender(text: &str) -> Result<Mailbox, InvalidSender> {
    let text = text.trim();
    let (name, of_address) = match text.strip_suffix('>') {
        Some(text) => text.rsplit_once('<').ok_or(InvalidSender::NotAnAddress(None))?,
        None => ("", text),
    };
    if name.chars().any(char::is_control) {
        return Err(InvalidSender::ControlCharacter);
    }
    let email =
        address(of_address.trim()).map_err(|source| InvalidSender::NotAnAddress(Some(source)))?;
    let name = unquoted(name.trim());
    Ok(Mailbox::new((!name.is_empty()).then_some(name), email))
}

/// The text of a `quoted-string` of RFC 5322 section 3.2.4; any other text as it is.
fn unquoted(name: &str) -> String {
    let Some(quoted) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) else {
        return name.to_owned();
    };
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text
}

/// Why a text does not say who mails are from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSender {
    /// It holds no e-mail address.
    #[error(
        "the sender is not an address like `name@example.org` or `Name <name@example.org>`; \
         an address after a name stands in angle brackets"
    )]
    NotAnAddress(#[source] Option<AddressError>),
    /// The name holds a line break or another control character.
    #[error("the sender's name contains a control character, such as a line break")]
    ControlCharacter,
}

#[cfg(test)]
mod tests {
    use super::{InvalidSender, sender};

    #[test]
    fn pub_23_a_name_needs_no_quotes() {
        for (text, name, address) in [
            ("Müller, GmbH <a@x.test>", Some("Müller, GmbH"), "a@x.test"),
            ("\"Müller, GmbH\" <a@x.test>", Some("Müller, GmbH"), "a@x.test"),
            (r#""a \"b\" \\ c" <a@x.test>"#, Some(r#"a "b" \ c"#), "a@x.test"),
            ("a < b <a@x.test>", Some("a < b"), "a@x.test"),
            ("sales@x.test <a@x.test>", Some("sales@x.test"), "a@x.test"),
            ("<a@x.test>", None, "a@x.test"),
            ("  a@x.test ", None, "a@x.test"),
            ("\" <a@x.test>", Some("\""), "a@x.test"),
        ] {
            let mailbox = sender(text).unwrap();
            assert_eq!(mailbox.name.as_deref(), name, "{text}");
            assert_eq!(mailbox.email.to_string(), address, "{text}");
        }
    }

    #[test]
    fn pub_04_the_domain_of_a_sender_becomes_a_labels() {
        let mailbox = sender("Bücher <no-reply@Bücher.example>").unwrap();
        assert_eq!(mailbox.email.to_string(), "no-reply@xn--bcher-kva.example");
    }

    #[test]
    fn a_text_without_an_address_is_no_sender() {
        for text in
            ["", "nobody", "Name a@x.test", "Name <>", "Name <a@x.test", "a@x.test>", "a@b@"]
        {
            assert!(matches!(sender(text), Err(InvalidSender::NotAnAddress(_))), "{text}");
        }
        for text in ["A\r\nBcc: b@x.test <a@x.test>", "A\tB <a@x.test>"] {
            assert!(matches!(sender(text), Err(InvalidSender::ControlCharacter)), "{text:?}");
        }
    }
}
