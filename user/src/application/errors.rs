//! The failures of the use cases, each with the code that a client can rely on.

use std::time::Duration;

use dullahan_core::{Error, ErrorKind, Result};

use crate::{
    domain::{Attempt, UserStatus},
    port::HashingError,
};

/// The code of a registration whose address has an account. It reaches a client only where the application
/// has switched the protection against enumeration off.
pub const EMAIL_TAKEN: &str = "email_taken";

/// The code of a login that failed, for whatever reason.
pub const INVALID_CREDENTIALS: &str = "invalid_credentials";

/// The code of a token that is expired, used, foreign or made up.
pub const TOKEN_INVALID: &str = "token_invalid";

pub(super) fn email_taken() -> Error {
    Error::new(ErrorKind::Conflict)
        .with_code(EMAIL_TAKEN)
        .with_message("the address has an account already")
}

/// The one answer to every login that failed, and to one that could not even be tried.
pub(super) fn invalid_credentials() -> Error {
    Error::new(ErrorKind::Unauthenticated)
        .with_code(INVALID_CREDENTIALS)
        .with_message("the identifier or the password is wrong")
}

/// Whether a login failed for what it was tried with.
pub(super) fn is_invalid_credentials(error: &Error) -> bool {
    error.code() == INVALID_CREDENTIALS
}

/// The password was checked against a hash that has been replaced since. A client is told no more than by
/// [`invalid_credentials`].
pub(super) fn credentials_outdated() -> Error {
    invalid_credentials().with_source(CredentialsOutdated)
}

/// Whether checking the password once more may help.
pub(super) fn is_outdated(error: &Error) -> bool {
    error.source().is_some_and(|source| source.is::<CredentialsOutdated>())
}

#[derive(Debug, thiserror::Error)]
#[error("the hash that the password was checked against has been replaced")]
struct CredentialsOutdated;

/// Told only to somebody who knows the password.
pub(super) fn not_active(status: UserStatus) -> Error {
    let error = Error::new(ErrorKind::Forbidden);
    match status {
        // It was closed while somebody was logging in.
        UserStatus::Closed => invalid_credentials(),
        UserStatus::Deactivated => {
            error.with_code("deactivated").with_message("the account is deactivated")
        }
        UserStatus::Pending | UserStatus::Active => error
            .with_code("not_activated")
            .with_message("the account is not activated yet; the mail says how to"),
    }
}

pub(super) fn token_invalid() -> Error {
    Error::new(ErrorKind::Invalid)
        .with_code(TOKEN_INVALID)
        .with_message("the token is not valid, or not any more")
}

pub(super) fn is_token_invalid(error: &Error) -> bool {
    error.code() == TOKEN_INVALID
}

pub(super) fn is_email_taken(error: &Error) -> bool {
    error.code() == EMAIL_TAKEN
}

/// Whether a password was neither hashed nor checked, because too many others were waiting.
pub(super) fn is_busy(error: &Error) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<HashingError>());
    matches!(source, Some(HashingError::Busy { .. }))
}

pub(super) fn hashing_failed(error: HashingError) -> Error {
    match error {
        HashingError::Busy { retry_after } => {
            Error::unavailable(error).with_code("busy").with_retry_after(retry_after)
        }
        HashingError::Unreadable(_) | HashingError::Failed(_) => Error::internal(error),
    }
}

/// The code of something that only a user may do who has proven lately who they are.
pub const REAUTHENTICATION_REQUIRED: &str = "reauthentication_required";

/// The code of a change to an address that another account has got meanwhile.
pub const EMAIL_UNAVAILABLE: &str = "email_unavailable";

pub(super) fn email_unavailable() -> Error {
    Error::new(ErrorKind::Invalid)
        .with_code(EMAIL_UNAVAILABLE)
        .with_message("the address is not available any more")
}

/// A user has not proven lately enough who they are: the source of an error with the code
/// [`REAUTHENTICATION_REQUIRED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the user has to have proven who they are within the last {} seconds", max_age.as_secs())]
pub struct ReauthenticationRequired {
    /// How long ago the proof may be.
    pub max_age: Duration,
}

/// The error for a user who has not proven lately enough who they are.
pub(crate) fn reauthentication_required(max_age: Duration) -> Error {
    Error::new(ErrorKind::Unauthenticated)
        .with_code(REAUTHENTICATION_REQUIRED)
        .with_message("prove again who you are, and then ask again")
        .with_source(ReauthenticationRequired { max_age })
}

/// The code of something that asks for a role that the user does not hold.
pub const ROLE_REQUIRED: &str = "role_required";

/// The error for a user who does not hold the role. It does not say which that is.
pub(super) fn role_required() -> Error {
    Error::new(ErrorKind::Forbidden)
        .with_code(ROLE_REQUIRED)
        .with_message("this takes a role that you do not hold")
}

pub(super) fn not_found() -> Error {
    Error::new(ErrorKind::NotFound)
}

/// The session is over, or its user may not come in any more.
pub(super) fn signed_out() -> Error {
    Error::new(ErrorKind::Unauthenticated)
}

/// An error if it was tried too often.
pub(super) fn allowed(attempt: Attempt) -> Result<()> {
    match attempt {
        Attempt::Allowed => Ok(()),
        Attempt::Refused { retry_after } => {
            Err(Error::new(ErrorKind::TooManyRequests).with_retry_after(retry_after))
        }
    }
}
