//! A password in a body.

use std::fmt;

use dullahan_core::Violation;
use serde::{Deserialize, Deserializer, de};
use uuid::Uuid;

use crate::domain::PlainPassword;

/// A password in a body.
pub(in crate::presentation::http) enum Password {
    Plain(PlainPassword),
    /// Longer than any password may be.
    Oversized,
}

impl Password {
    /// A password to be set.
    pub(in crate::presentation::http) fn chosen(
        self,
        pointer: &'static str,
    ) -> Result<PlainPassword, Violation> {
        match self {
            Self::Plain(password) => Ok(password),
            Self::Oversized => Err(Violation::new(pointer, "too_long")),
        }
    }

    /// The password presented at login. An oversized one is replaced by a random string, so it fails and is counted like
    /// any wrong password.
    pub(in crate::presentation::http) fn presented(self) -> PlainPassword {
        match self {
            Self::Plain(password) => password,
            Self::Oversized => Uuid::now_v7().to_string().parse().expect("it is short"),
        }
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(PasswordVisitor)
    }
}

struct PasswordVisitor;

impl de::Visitor<'_> for PasswordVisitor {
    type Value = Password;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Password, E> {
        Ok(text.parse().map_or(Password::Oversized, Password::Plain))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Password, E> {
        Ok(text.try_into().map_or(Password::Oversized, Password::Plain))
    }
}
