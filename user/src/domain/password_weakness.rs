//! Why a password is guessed easily.

/// Why a password is guessed easily.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordWeakness {
    /// Many have it, or it was breached: it is among the first that are tried.
    Compromised,
    /// It is made of what can be expected from the service, of the user, or of keys that lie side by side.
    Guessable,
}

impl PasswordWeakness {
    /// The code that a client can rely on.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compromised => "compromised",
            Self::Guessable => "guessable",
        }
    }
}
