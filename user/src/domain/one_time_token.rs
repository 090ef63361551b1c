//! What a one-time token allows.

use std::str::FromStr;

use crate::domain::UnknownName;

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
}

impl TokenPurpose {
    /// The word for it in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
        }
    }
}

impl FromStr for TokenPurpose {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Activation].into_iter().find(|purpose| purpose.as_str() == text).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{TokenPurpose, UnknownName};

    #[test]
    fn every_purpose_reads_back_from_its_word() {
        assert_eq!(TokenPurpose::Activation.as_str().parse(), Ok(TokenPurpose::Activation));
        assert_eq!("reset".parse::<TokenPurpose>(), Err(UnknownName));
    }
}
