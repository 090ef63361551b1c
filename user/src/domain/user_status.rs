//! Where an account is in its life.

use std::str::FromStr;

use crate::domain::UnknownName;

/// Where an account is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// Registered. The address is not proven yet, so the account does not hold it, and logging in fails.
    Pending,
    /// The address is proven; its owner can log in.
    Active,
    /// Its owner has removed it and can still come back by logging in. It holds its address until it is removed for good, and
    /// no session lives.
    Closed,
    /// Shut; nobody can log in and no session lives.
    Deactivated,
}

impl UserStatus {
    /// The word for it in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Deactivated => "deactivated",
        }
    }
}

impl FromStr for UserStatus {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Pending, Self::Active, Self::Closed, Self::Deactivated];
        all.into_iter().find(|status| status.as_str() == text).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{UnknownName, UserStatus};

    #[test]
    fn every_status_reads_back_from_its_word() {
        for status in
            [UserStatus::Pending, UserStatus::Active, UserStatus::Closed, UserStatus::Deactivated]
        {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert_eq!("Active".parse::<UserStatus>(), Err(UnknownName));
    }
}
