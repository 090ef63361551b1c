//! A change of an address that both mailboxes have to agree to.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::domain::{EmailAddress, EmailChangeId, TokenPurpose, UnknownName, UserId};

/// A change of an address that both mailboxes have to agree to. A user has one at a time; all times are in UTC.
///
/// # Rule
///
/// - OWASP Forgot Password and Authentication Cheat Sheets, "Change a user's registered email address": a mail
///   to both addresses, and nothing changes before both are proven.
/// - A token leads to the change it was minted for, and the change holds its own target: one that is asked for
///   later is another change, so a token never sets an address that its mail did not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailChange {
    /// Which one.
    pub id: EmailChangeId,
    /// Whose address it is to change.
    pub user_id: UserId,
    /// What the address is to become.
    pub email: EmailAddress,
    /// Whether the present mailbox has agreed.
    pub confirmed_by_current: bool,
    /// Whether the new mailbox has agreed.
    pub confirmed_by_new: bool,
    /// When it was asked for.
    pub created_at: OffsetDateTime,
    /// When it lapses.
    pub expires_at: OffsetDateTime,
}

impl EmailChange {
    /// The mailboxes that have not agreed yet.
    pub fn awaiting(&self) -> Vec<Mailbox> {
        let open =
            [(Mailbox::Current, self.confirmed_by_current), (Mailbox::New, self.confirmed_by_new)];
        open.into_iter().filter(|(_, confirmed)| !confirmed).map(|(mailbox, _)| mailbox).collect()
    }
}

/// What came of a mailbox agreeing to a change of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailConfirmation {
    /// Whose address it is.
    pub user_id: UserId,
    /// The mailboxes that have not agreed yet; with the last one the address is changed.
    pub awaiting: Vec<Mailbox>,
}

/// One of the two mailboxes that a change of an address has to be confirmed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mailbox {
    /// That of the address the account has.
    Current,
    /// That of the address it is to have.
    New,
}

impl Mailbox {
    /// The word for it in an answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::New => "new",
        }
    }

    /// What a token in its mail is for.
    pub const fn token_purpose(self) -> TokenPurpose {
        match self {
            Self::Current => TokenPurpose::EmailChangeCurrent,
            Self::New => TokenPurpose::EmailChangeNew,
        }
    }
}

impl FromStr for Mailbox {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Current, Self::New]
            .into_iter()
            .find(|mailbox| mailbox.as_str() == text)
            .ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use crate::domain::{EmailChange, EmailChangeId, Mailbox, UnknownName, UserId};

    #[test]
    fn what_is_awaited_is_who_has_not_agreed() {
        let mut change = EmailChange {
            id: EmailChangeId::new(),
            user_id: UserId::new(),
            email: "new@x.test".parse().unwrap(),
            confirmed_by_current: false,
            confirmed_by_new: false,
            created_at: datetime!(2026-01-01 00:00 UTC),
            expires_at: datetime!(2026-01-02 00:00 UTC),
        };
        assert_eq!(change.awaiting(), [Mailbox::Current, Mailbox::New]);
        change.confirmed_by_new = true;
        assert_eq!(change.awaiting(), [Mailbox::Current]);
        change.confirmed_by_current = true;
        assert_eq!(change.awaiting(), []);
    }

    #[test]
    fn every_mailbox_reads_back_from_its_word() {
        for mailbox in [Mailbox::Current, Mailbox::New] {
            assert_eq!(mailbox.as_str().parse(), Ok(mailbox));
        }
        assert_eq!("Current".parse::<Mailbox>(), Err(UnknownName));
    }
}
