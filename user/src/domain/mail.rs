//! A mail that is owed, and a mail that is written.

use std::{fmt, str::FromStr};

use crate::domain::{DisplayName, EmailAddress, MailId, UnknownName, UserId};

/// A mail that committed work owes to a user, until a worker has sent it.
///
/// It is stored along with the work that owes it and holds no secret: the worker makes the token that the
/// mail carries only when it writes the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedMail {
    /// Which one.
    pub id: MailId,
    /// Whose account it is about.
    pub user_id: UserId,
    /// Where it goes: the address stored with the account.
    pub email: EmailAddress,
    /// How to greet the user, if a name was given.
    pub display_name: Option<DisplayName>,
    /// What it is to say.
    pub kind: MailKind,
    /// How often sending has been tried.
    pub attempts: u32,
}

/// What an owed mail is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// How to activate the account that was just registered.
    Activation,
    /// That somebody tried to register an address which has an account already.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 6.3.8: the answer to the request does not tell, so this mail does.
    AlreadyRegistered,
}

impl MailKind {
    /// The word for it in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::AlreadyRegistered => "already_registered",
        }
    }
}

impl FromStr for MailKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Activation, Self::AlreadyRegistered]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownName)
    }
}

/// A mail that is written and ready to be sent.
///
/// Its text may hold a token, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct MailMessage {
    /// Where it goes.
    pub to: EmailAddress,
    /// The subject: one line without any secret, for it shows on locked screens.
    pub subject: String,
    /// The body, as plain text.
    pub text: String,
}

impl fmt::Debug for MailMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MailMessage")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{MailKind, UnknownName};

    #[test]
    fn every_kind_reads_back_from_its_word() {
        for kind in [MailKind::Activation, MailKind::AlreadyRegistered] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("".parse::<MailKind>(), Err(UnknownName));
    }
}
