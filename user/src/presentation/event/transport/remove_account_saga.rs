//! A user removes their account, or takes a copy of it.

use std::sync::Arc;

use dullahan_core::{Event, Process, Saga};
use serde_json::{Map, Value};

use crate::domain::{CurrentSession, PlainPassword, RemovalPolicy, UserId};

/// A user removes their account.
///
/// Its default runs [`RequireRecentAuthentication`](super::RequireRecentAuthentication),
/// [`ProveOwnPassword`](super::ProveOwnPassword) and [`RemoveUserProcess`].
#[derive(Debug, Saga)]
#[event(output = (), preventable)]
pub struct RemoveAccountSaga {
    /// The session.
    pub current: CurrentSession,
    /// The password of its user.
    pub password: Arc<PlainPassword>,
}

/// A user is removed: sessions, tokens and mails go, and of the account remains what the policy says. A last mail is owed
/// that tells the mailbox.
///
/// Listen to it to remove what an application keeps, in the same unit of work.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct RemoveUserProcess {
    /// Which user.
    pub user_id: UserId,
    /// What remains.
    pub policy: RemovalPolicy,
}

/// A user takes a copy of all that is kept about them.
///
/// Its default runs [`ExportAccount`].
///
/// # Rule
///
/// Regulation (EU) 2016/679, articles 15 and 20.
#[derive(Debug, Saga)]
#[event(output = Map<String, Value>, preventable)]
pub struct ExportAccountSaga {
    /// The session.
    pub current: CurrentSession,
}

/// All that is kept about a user is gathered, as the members of a JSON object: without hashes and tokens.
///
/// Listen after it to add what an application keeps.
#[derive(Debug, Event)]
#[event(output = Map<String, Value>, preventable)]
pub struct ExportAccount {
    /// The session.
    pub current: CurrentSession,
}
