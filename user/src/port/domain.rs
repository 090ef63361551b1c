//! The ports that the rules of the domain need: a hasher, a clock, a source of tokens.

use std::{
    error::Error,
    sync::LazyLock,
    time::{Duration, Instant},
};

use dullahan_core::BoxFuture;
use time::OffsetDateTime;

use crate::domain::{PasswordHash, PasswordWeakness, PlainPassword, Token};

/// Hashes passwords and checks them against hashes.
///
/// Either costs much time and memory by design, so neither may block an async runtime's worker, and an
/// implementation does only so many at once.
///
/// # Rule
///
/// ASVS 5.0 items 11.4.2 (a slow, salted key derivation function), 15.1.3 and 15.2.2 (work that costs much
/// is bounded).
pub trait PasswordHasher: Send + Sync + 'static {
    /// Hashes a password that was chosen, with a salt of its own.
    ///
    /// # Errors
    ///
    /// [`HashingError::Busy`] where too many wait already; [`HashingError::Failed`] where it cannot be done.
    fn hash<'a>(
        &'a self,
        password: &'a PlainPassword,
    ) -> BoxFuture<'a, Result<PasswordHash, HashingError>>;

    /// Checks a password that was presented against the hash of the account, or against none.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 6.3.8: an unknown account, and one without a password, must cost what a known one costs.
    /// So with `None` the same work is done against a made-up hash, and the answer is
    /// [`Mismatch`](Verification::Mismatch).
    ///
    /// # Errors
    ///
    /// [`HashingError::Busy`] where too many wait already; [`HashingError::Failed`] where it cannot be done, for a hash that
    /// cannot be read say.
    fn verify<'a>(
        &'a self,
        password: &'a PlainPassword,
        hash: Option<&'a PasswordHash>,
    ) -> BoxFuture<'a, Result<Verification, HashingError>>;
}

/// What a check of a password said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verification {
    /// The password is right.
    Match,
    /// The password is right, and its hash is not as it would be made today: hash it anew and store that.
    MatchNeedsRehash,
    /// The password is wrong, or there was no hash.
    Mismatch,
}

impl Verification {
    /// Whether the password is right.
    pub const fn is_match(self) -> bool {
        matches!(self, Self::Match | Self::MatchNeedsRehash)
    }
}

/// Why a password was neither hashed nor checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashingError {
    /// Too many are waiting already; nothing was begun.
    #[error("too many passwords are waiting to be hashed")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// The stored hash is none that this hasher can read, so no password matches it.
    #[error("the stored password hash cannot be read")]
    Unreadable(#[source] Box<dyn Error + Send + Sync>),
    /// The work could not be done.
    #[error("the password could not be hashed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Judges how easily a password is guessed.
///
/// # Rule
///
/// NIST SP 800-63B-4 section 3.1.1.2 and ASVS 5.0 items 6.2.4, 6.2.11 and 6.2.12: a chosen password is compared
/// with those that are common, were breached, or can be expected from the service and the user.
pub trait PasswordStrength: Send + Sync + 'static {
    /// What is weak about the password; `personal` are words that anybody can expect of this user.
    fn judge(&self, password: &PlainPassword, personal: &[String]) -> Option<PasswordWeakness>;
}

/// Tells the time, so that a test can.
pub trait Clock: Send + Sync + 'static {
    /// The time now, in UTC and no more precise than every store keeps it: in whole milliseconds.
    fn now(&self) -> OffsetDateTime;

    /// How much time has passed since a moment of the clock's choice. Unlike the date it is set by nobody, so it never goes
    /// back; what is in memory is measured by it. Unless a clock says otherwise it is that of [`Instant`].
    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

/// Makes tokens that nobody can guess.
///
/// # Rule
///
/// ASVS 5.0 item 11.5.1: from a cryptographically secure generator.
pub trait TokenGenerator: Send + Sync + 'static {
    /// A token unlike any other.
    ///
    /// # Errors
    ///
    /// [`TokenGenerationError`] if there is no randomness to be had; nothing weaker takes its place.
    fn generate(&self) -> Result<Token, TokenGenerationError>;
}

/// No token could be made.
#[derive(Debug, thiserror::Error)]
#[error("no token could be generated")]
pub struct TokenGenerationError(#[source] Box<dyn Error + Send + Sync>);

impl TokenGenerationError {
    /// The error with the reason that the generator gave.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
