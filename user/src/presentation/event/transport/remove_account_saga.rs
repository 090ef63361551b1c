//! A user removes their account, or takes a copy of it.

use std::sync::Arc;

use dullahan_core::{Event, Process, Saga};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::domain::{Audited, CurrentSession, PlainPassword, RemovalPolicy, User, UserId};

/// A user removes their account.
///
/// Its default runs [`RequireRecentAuthentication`](super::RequireRecentAuthentication),
/// [`ProveOwnPassword`](super::ProveOwnPassword) and [`RemoveUserProcess`], or [`CloseAccountProcess`] where the settings say
/// that its owner [can come back](crate::domain::Settings::removal_grace).
#[derive(Debug, Saga)]
#[event(output = (), preventable, views(dyn Audited))]
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

/// An account is closed until then: sessions, tokens and mails go, and the address stays taken. A mail is owed that tells
/// the mailbox until when its owner can come back.
///
/// Listen to it to hide what an application shows of the user.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct CloseAccountProcess {
    /// Which user.
    pub user_id: UserId,
    /// When it is too late to come back.
    pub until: OffsetDateTime,
}

/// A closed account is opened again, as somebody has logged in with its password before it was too late. A mail is owed that
/// tells the mailbox.
///
/// A listener before it that returns an error keeps the account closed; the login is answered with that error.
#[derive(Debug, Clone, Process)]
#[event(output = User, preventable, repeatable)]
pub struct ReopenAccountProcess {
    /// Which user.
    pub user_id: UserId,
}

/// A closed account whose time is over is removed for good, by [`RemoveUserProcess`]. Its output says whether it was: not if
/// its owner has come back meanwhile.
#[derive(Debug, Clone, Process)]
#[event(output = bool, preventable, repeatable)]
pub struct RemoveClosedUserProcess {
    /// Which user.
    pub user_id: UserId,
}

/// A user takes a copy of all that is kept about them.
///
/// Its default runs [`ExportAccount`].
///
/// # Rule
///
/// Regulation (EU) 2016/679, articles 15 and 20.
#[derive(Debug, Saga)]
#[event(output = Map<String, Value>, preventable, views(dyn Audited))]
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
