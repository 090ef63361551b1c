//! One-time tokens: what they allow, and what a store keeps of them.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::domain::{EmailChangeId, TokenDigest, UnknownName, UserId};

/// What a one-time token allows.
///
/// # Rule
///
/// RFC 8725 section 3.11 asks it of signed tokens, and it is no less true of these: a token issued for one
/// purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenPurpose {
    /// To prove an address and thereby activate its account.
    Activation,
    /// To be told once more that the account was just activated.
    Activated,
    /// To choose a new password.
    PasswordReset,
    /// To agree to a change of the address, from the mailbox that the account has.
    EmailChangeCurrent,
    /// To agree to a change of the address, from the mailbox that it is to have.
    EmailChangeNew,
}

impl TokenPurpose {
    const ALL: [Self; 5] = [
        Self::Activation,
        Self::Activated,
        Self::PasswordReset,
        Self::EmailChangeCurrent,
        Self::EmailChangeNew,
    ];

    /// The word for it in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Activated => "activated",
            Self::PasswordReset => "password_reset",
            Self::EmailChangeCurrent => "email_change_current",
            Self::EmailChangeNew => "email_change_new",
        }
    }
}

impl FromStr for TokenPurpose {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text).ok_or(UnknownName)
    }
}

/// What a store keeps of a one-time token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOneTimeToken {
    /// The digest of the token, which itself is kept nowhere.
    pub digest: TokenDigest,
    /// What it allows.
    pub purpose: TokenPurpose,
    /// Whom.
    pub user_id: UserId,
    /// Which change of an address it is about, if it is about one. It goes with it.
    pub email_change_id: Option<EmailChangeId>,
    /// Until when, in UTC.
    pub expires_at: OffsetDateTime,
}

/// What a live one-time token leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneTimeGrant {
    /// Who may do what the token is for.
    pub user_id: UserId,
    /// Which change of an address it is about, if it is about one.
    pub email_change_id: Option<EmailChangeId>,
    /// Until when, in UTC.
    pub expires_at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use crate::domain::{TokenPurpose, UnknownName};

    #[test]
    fn every_purpose_reads_back_from_its_word() {
        for purpose in TokenPurpose::ALL {
            assert_eq!(purpose.as_str().parse(), Ok(purpose));
        }
        assert_eq!("reset".parse::<TokenPurpose>(), Err(UnknownName));
    }
}
