//! A session that has just begun, and one that a request belongs to.

use std::sync::Arc;

use crate::domain::{Session, Token, TokenDigest, User};

/// A session that has begun, and its token, which is shown this once.
#[derive(Debug, Clone)]
pub struct OpenedSession {
    /// Whose it is.
    pub user: User,
    /// The session.
    pub session: Session,
    /// The token that leads to it. The store has its digest only.
    pub token: Arc<Token>,
}

/// The session of a request, and its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentSession {
    /// The session.
    pub session: Session,
    /// The digest of the token that the request came with.
    pub digest: TokenDigest,
    /// Its user.
    pub user: User,
}
