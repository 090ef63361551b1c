//! A client that is signed in.

use std::str::FromStr;

use time::OffsetDateTime;

use crate::domain::{Device, SessionId, TokenDigest, UnknownName, UserId};

/// A client that is signed in. All times are in UTC.
///
/// Whether it still lives is the question of a [`SessionPolicy`](crate::domain::SessionPolicy).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which one, when its user lists and revokes them.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// How its token travels.
    pub transport: SessionTransport,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When its user last proved who they are.
    pub authenticated_at: OffsetDateTime,
    /// When it was last used, kept no more precisely than the policy's `touch_every`.
    pub last_seen_at: OffsetDateTime,
    /// When it ends, however busy it is.
    pub expires_at: OffsetDateTime,
}

/// A session that is ready to be stored, with the digest by which its token will find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The session.
    pub session: Session,
    /// The digest of its token.
    pub digest: TokenDigest,
    /// What it began on.
    pub device: Device,
}

/// A session as its user sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSession {
    /// The session.
    pub session: Session,
    /// What it began on.
    pub device: Device,
}

/// How the token of a session travels.
///
/// A session is bound to the one it began with: a token that was issued for a cookie, and so is guarded
/// against forged requests, does not pass as a bearer token, nor the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionTransport {
    /// In a cookie, which a browser sends by itself.
    Cookie,
    /// In an `Authorization: Bearer` header, RFC 6750 section 2.1.
    Bearer,
}

impl SessionTransport {
    /// The word for it in a store and in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }
}

impl FromStr for SessionTransport {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Cookie, Self::Bearer]
            .into_iter()
            .find(|transport| transport.as_str() == text)
            .ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{SessionTransport, UnknownName};

    #[test]
    fn every_transport_reads_back_from_its_word() {
        for transport in [SessionTransport::Cookie, SessionTransport::Bearer] {
            assert_eq!(transport.as_str().parse(), Ok(transport));
        }
        assert_eq!("Bearer".parse::<SessionTransport>(), Err(UnknownName));
    }
}
