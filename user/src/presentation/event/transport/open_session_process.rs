//! A session begins.

use dullahan_core::Process;

use crate::domain::{OpenedSession, SessionTransport, User};

/// A session begins: everything that proves the user has been asked for.
#[derive(Debug, Process)]
#[event(output = OpenedSession, preventable)]
pub struct OpenSessionProcess {
    /// Whose it is to be.
    pub user: User,
    /// How its token will travel.
    pub transport: SessionTransport,
}
