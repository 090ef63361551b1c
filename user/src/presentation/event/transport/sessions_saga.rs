//! A user looks at their sessions and ends some.

use dullahan_core::{Event, Process, Saga};
use serde_json::{Map, Value};

use crate::domain::{Audited, CurrentSession, ListedSession, SessionId, UserId};

/// A user looks at their sessions, the latest first, each as the members of a JSON object.
///
/// Its default runs [`ListSessions`] and, for each, [`SerializeSession`].
#[derive(Debug, Saga)]
#[event(output = Vec<Map<String, Value>>, preventable, views(dyn Audited))]
pub struct ListSessionsSaga {
    /// The session from which it is asked.
    pub current: CurrentSession,
}

/// The live sessions of a user are looked up, no more than
/// [`SessionPolicy::most`](crate::domain::SessionPolicy::most).
#[derive(Debug, Event)]
#[event(output = Vec<ListedSession>, preventable)]
pub struct ListSessions {
    /// Whose.
    pub user_id: UserId,
}

/// A session is written for its user: the members of a JSON object. Listen after it to add some.
#[derive(Debug, Event)]
#[event(output = Map<String, Value>, preventable)]
pub struct SerializeSession {
    /// The session.
    pub listed: ListedSession,
    /// Whether it is the one from which it is asked.
    pub is_current: bool,
}

/// A user ends one of their sessions.
///
/// Its default runs [`RevokeSessionProcess`].
///
/// # Rule
///
/// ASVS 5.0 items 7.5.2 and 8.2.2: that of another user is not found.
#[derive(Debug, Saga)]
#[event(output = (), preventable, views(dyn Audited))]
pub struct RevokeSessionSaga {
    /// Whose it has to be.
    pub user_id: UserId,
    /// Which one.
    pub session_id: SessionId,
}

/// A session of this user is removed. Its output says whether there was one.
#[derive(Debug, Clone, Process)]
#[event(output = bool, preventable, repeatable)]
pub struct RevokeSessionProcess {
    /// Whose it has to be.
    pub user_id: UserId,
    /// Which one.
    pub session_id: SessionId,
}

/// A user ends all other sessions. Its output is how many there were.
///
/// Its default runs [`RevokeSessionsProcess`].
#[derive(Debug, Saga)]
#[event(output = u64, preventable, views(dyn Audited))]
pub struct RevokeOtherSessionsSaga {
    /// The session that stays.
    pub current: CurrentSession,
}

/// Sessions of a user end, all or all but one: because the user wants it, or along with a change of what is signed
/// in with, in its unit of work. Its output is how many there were.
#[derive(Debug, Clone, Process)]
#[event(output = u64, preventable, repeatable)]
pub struct RevokeSessionsProcess {
    /// Whose.
    pub user_id: UserId,
    /// Which one stays.
    pub except: Option<SessionId>,
}
