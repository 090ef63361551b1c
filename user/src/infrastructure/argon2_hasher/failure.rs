//! What can go wrong while a password is hashed.

use std::collections::TryReserveError;

/// What can go wrong while a password is hashed. None of it shows a password or a hash.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the operating system gave no random bytes")]
    Random(#[source] getrandom::Error),
    #[error("there is not enough memory")]
    Memory(#[source] TryReserveError),
    #[error("argon2 failed")]
    Argon2(#[source] argon2::Error),
    #[error("the hash could not be written as a PHC string")]
    Unwritable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the stored hash is not one of argon2")]
    Foreign,
    #[error("the stored hash is malformed")]
    Malformed,
    #[error("the stored hash asks for more work than is allowed")]
    Excessive,
    #[error("the hashing thread panicked")]
    Panicked,
}
