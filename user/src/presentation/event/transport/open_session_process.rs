//! A session begins.

use dullahan_core::Process;

use crate::domain::{OpenedSession, PasswordHash, SessionTransport, TokenDigest, User};

/// A session begins: everything that proves the user has been asked for. Where the account has too many then, those end that
/// were not used for the longest time.
#[derive(Debug, Clone, Process)]
#[event(output = OpenedSession, preventable, repeatable)]
pub struct OpenSessionProcess {
    /// Whose it is to be.
    pub user: User,
    /// The hash that the password was checked against, if a password was: no session begins if it has been replaced
    /// meanwhile.
    pub password_hash: Option<PasswordHash>,
    /// How its token will travel.
    pub transport: SessionTransport,
    /// The digest of the token that the client had until now, if it had one that travels alike: its session ends.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 7.2.4.
    pub replaces: Option<TokenDigest>,
}
