//! Somebody proves that a mailbox is theirs.

use dullahan_core::{Process, Saga};

use crate::domain::{Token, TokenDigest, User};

/// Somebody proves, with the token from the mail, that the mailbox is theirs.
#[derive(Debug, Saga)]
#[event(output = User, preventable)]
pub struct ActivateUserSaga {
    /// The token from the mail; `None` if what was sent has not even its form.
    pub token: Option<Token>,
}

/// A token is used up and its user becomes active, in one unit of work.
///
/// Of any number of simultaneous tries with one token, one succeeds.
#[derive(Debug, Clone, Process)]
#[event(output = User, preventable, repeatable)]
pub struct ActivateUserProcess {
    /// The digest of the token.
    pub digest: TokenDigest,
}
