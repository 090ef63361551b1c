//! A request says whose it is.

use dullahan_core::{Event, Process};

use crate::domain::{CurrentSession, SessionId, SessionTransport, TokenDigest};

/// A request says, by a session's token, whose it is. `None` if no live session of an active user has it.
///
/// One statement, and a write only once a minute, by [`TouchSessionProcess`]. Tokens that lead nowhere are limited by the client's
/// address, with [`ThrottleClient`](super::ThrottleClient) and [`CountClientFailure`](super::CountClientFailure).
#[derive(Debug, Event)]
#[event(output = Option<CurrentSession>, preventable)]
pub struct ResolveSession {
    /// The digest of the token that came with the request.
    pub digest: TokenDigest,
    /// How it came: a session does not change its transport.
    pub transport: SessionTransport,
}

/// The use of a session is written down.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct TouchSessionProcess {
    /// Which one.
    pub session_id: SessionId,
}
