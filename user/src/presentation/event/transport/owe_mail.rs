//! A mail becomes owed.

use dullahan_core::Event;

use crate::domain::{EmailAddress, MailKind, NewMail, User};

/// A mail becomes owed, in the unit of work of whatever owes it; it is sent after the commit.
///
/// Its output says whether it is owed because of this: a mail of the same kind to the same mailbox that waits already is not
/// owed again. How many a mailbox gets is decided when it is sent, by [`AdmitMailProcess`](super::AdmitMailProcess). A listener
/// that is to stop a mail here looks at the [`mailbox`](Self::mailbox) and calls `replace(false)`.
#[derive(Debug, Event)]
#[event(output = bool, preventable)]
pub struct OweMail {
    /// Who gets it, and what it is to say.
    pub mail: NewMail,
    /// The address of the account that it is about.
    pub address: EmailAddress,
}

impl OweMail {
    /// A mail to the address of a user.
    pub fn new(user: &User, kind: MailKind) -> Self {
        Self { mail: NewMail::new(user.id, kind), address: user.email.clone() }
    }

    /// Where it goes: the recipient that the mail names, or else the address of the account.
    pub fn mailbox(&self) -> &EmailAddress {
        self.mail.recipient.as_ref().unwrap_or(&self.address)
    }
}
