//! An e-mail address that mail can be sent to.

use std::{borrow::Cow, fmt, str::FromStr, sync::Arc};

use email_address::Options;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

/// An e-mail address: the bare `local@domain`, in one spelling.
///
/// The local part keeps its case; the domain is lower-case ASCII. Two values are `==` when they are the same address
/// letter by letter. Whether they belong to the same account is a question to their [`key`](Self::key)s.
///
/// An address is personal data, so there is no `Display`, and `Debug` masks it.
///
/// # Rule
///
/// - RFC 5321 section 4.5.3.1: at most 64 bytes before the `@`, and 254 in all (a path of 256 less its `<>`).
/// - RFC 5321 section 2.3.5: the domain is fully qualified. Address literals such as `[127.0.0.1]` are refused.
/// - OWASP Input Validation Cheat Sheet, "Email Address Validation": no quoted local part. It is the one place
///   where blanks, commas, angle brackets and a second `@` could hide, and with it go comments and display
///   names; so a mail header cannot be injected.
/// - RFC 6531 section 3.3 and UTS #46: letters of any script, in Normalization Form C; the domain as A-labels.
///
/// # Examples
///
/// ```
/// use dullahan_user::domain::EmailAddress;
///
/// let address: EmailAddress = " Zoë.Smith@Bücher.Example ".parse()?;
/// assert_eq!(address.as_str(), "Zoë.Smith@xn--bcher-kva.example");
/// assert_eq!(address.key(), "zoë.smith@xn--bcher-kva.example");
/// assert_eq!(format!("{address:?}"), "Z…@xn--bcher-kva.example");
/// # Ok::<(), dullahan_user::domain::InvalidEmailAddress>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    address: Arc<str>,
    /// Where in `address` the `@` is.
    at: usize,
    /// Unless it is the address.
    key: Option<Arc<str>>,
}

impl EmailAddress {
    /// The most bytes that an address has.
    pub const MAX_BYTES: usize = 254;

    /// An address that this or an earlier version has taken, for a store to give back.
    ///
    /// It is not held against today's rules, which may have become stricter since: whoever was let in can still
    /// sign in, and is found by the same key.
    ///
    /// # Errors
    ///
    /// [`InvalidEmailAddress`] if the text can never have been an address: one that has no `@`, nothing before or
    /// after it, or a blank or control character.
    pub fn from_stored(address: &str) -> Result<Self, InvalidEmailAddress> {
        let has_space = address.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
        match address.rsplit_once('@') {
            Some((local, domain)) if !(local.is_empty() || domain.is_empty() || has_space) => {
                Ok(Self::of_parts(address, local))
            }
            _ => Err(InvalidEmailAddress),
        }
    }

    /// The address to look an account up by, as somebody typed it.
    ///
    /// An address that today's rules refuse is taken as [`from_stored`](Self::from_stored) takes it, so that an account
    /// which was let in under laxer rules is found. Send no mail to it: mail goes to the address that the account has.
    ///
    /// # Errors
    ///
    /// [`InvalidEmailAddress`] if the text can never have been an address.
    pub fn for_lookup(text: &str) -> Result<Self, InvalidEmailAddress> {
        text.parse().or_else(|error| {
            let text = text.trim();
            if text.len() > 4 * Self::MAX_BYTES {
                Err(error)
            } else {
                Self::from_stored(&composed(text))
            }
        })
    }

    fn of_parts(address: &str, local: &str) -> Self {
        let has_upper_case = address.bytes().any(|byte| byte.is_ascii_uppercase());
        let key = has_upper_case.then(|| address.to_ascii_lowercase().into());
        Self { address: address.into(), at: local.len(), key }
    }

    /// The address to send mail to.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The form for uniqueness and look-up: the same for all addresses that differ in the case of ASCII letters only.
    ///
    /// Mail goes to [`as_str`](Self::as_str) of the *stored* address, never to a key and never to what a
    /// request has just named.
    ///
    /// # Rule
    ///
    /// RFC 5321 section 2.4: the local part is case-sensitive in principle, and mailboxes that differ in case only are
    /// discouraged; in practice they belong to one person. Other letters have no such rule: `ſ`, `ß`
    /// and `ﬀ` are not `s`, `ss` and `ff` to a mail server, and RFC 6532 section 3.1 asks for Normalization Form C and
    /// no folding. An address that is written in another way is another mailbox.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.address)
    }

    /// The form for limits: the same for all addresses of one mailbox, as far as that shows.
    ///
    /// It is the [`key`](Self::key) without the sub-address, which is what follows the first `+` of the local part. It is
    /// no form for uniqueness: two accounts may have two sub-addresses of one mailbox.
    ///
    /// # Rule
    ///
    /// RFC 5233 section 4: a local part may be a user and a detail, with a separator that the server chooses. `+` is the one
    /// of its examples and the usual one. Where a server delivers such addresses elsewhere, they share a limit and nothing
    /// more.
    ///
    /// ```
    /// use dullahan_user::domain::EmailAddress;
    ///
    /// let address: EmailAddress = "Ada+News@example.org".parse()?;
    /// assert_eq!(address.mailbox_key(), "ada@example.org");
    /// # Ok::<(), dullahan_user::domain::InvalidEmailAddress>(())
    /// ```
    pub fn mailbox_key(&self) -> Cow<'_, str> {
        match self.local_part().find('+') {
            // An address that begins with it has no user before the detail.
            None | Some(0) => Cow::Borrowed(self.key()),
            Some(plus) => Cow::Owned(format!("{}{}", &self.key()[..plus], &self.key()[self.at..])),
        }
    }

    /// What is before the `@`.
    pub fn local_part(&self) -> &str {
        &self.address[..self.at]
    }

    /// What is after the `@`: a domain in lower-case ASCII.
    pub fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmailAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        // Composing and mapping to ASCII shorten a text, yet not by more than this.
        if text.len() > 4 * Self::MAX_BYTES {
            return Err(InvalidEmailAddress);
        }
        let text = composed(text);
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmailAddress)?;
        if local.starts_with('"') {
            return Err(InvalidEmailAddress);
        }
        let domain = ascii_domain(domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > Self::MAX_BYTES || !is_addr_spec(&address) {
            return Err(InvalidEmailAddress);
        }
        Ok(Self::of_parts(&address, local))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.local_part().chars().take(1).collect::<String>();
        write!(formatter, "{first}…@{}", self.domain())
    }
}

/// The text is not an e-mail address that mail can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid e-mail address")]
pub struct InvalidEmailAddress;

/// The text in Normalization Form C, which a text of ASCII always is.
fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// The domain as A-labels; letters, digits and inner hyphens only, and no number at its end.
fn ascii_domain(domain: &str) -> Result<Cow<'_, str>, InvalidEmailAddress> {
    let ascii = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| InvalidEmailAddress)?;
    // RFC 3696 section 2: a top-level domain is never all digits, so this is an IP address without brackets.
    match ascii.rsplit('.').next() {
        Some(last) if last.bytes().any(|byte| !byte.is_ascii_digit()) => Ok(ascii),
        _ => Err(InvalidEmailAddress),
    }
}

/// Whether the text is an `addr-spec` of RFC 5322 section 3.4.1 with at least two labels in its domain.
fn is_addr_spec(address: &str) -> bool {
    let options =
        Options::default().without_display_text().without_domain_literal().with_required_tld();
    email_address::EmailAddress::parse_with_options(address, options).is_ok()
}

#[cfg(test)]
mod tests;
