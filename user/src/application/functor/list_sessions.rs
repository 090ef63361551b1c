//! A user looks at their sessions and ends some.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Listener, Result};
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use crate::{
    application::errors::not_found,
    domain::{ListedSession, Settings},
    port::{Clock, SessionRepository},
    presentation::event::transport::{
        ListSessions, ListSessionsSaga, RevokeOtherSessionsSaga, RevokeSessionProcess,
        RevokeSessionSaga, RevokeSessionsProcess, SerializeSession,
    },
};

/// The course of looking at one's sessions.
///
/// # Errors
///
/// When the store fails.
pub async fn list_sessions(
    mut ev: DefaultAction<'_, ListSessionsSaga>,
) -> Result<Vec<Map<String, Value>>> {
    let (user_id, own) = (ev.current.user.id, ev.current.session.id);
    let mut written = Vec::new();
    for listed in ev.dispatch(ListSessions { user_id }).await? {
        let is_current = listed.session.id == own;
        written.push(ev.dispatch(SerializeSession { listed, is_current }).await?);
    }
    Ok(written)
}

functor! {
    /// Finds the live sessions of a user.
    pub struct FindSessions {
        sessions: Arc<dyn SessionRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, ListSessions>> for FindSessions {
    async fn call(&self, ev: DefaultAction<'_, ListSessions>) -> Result<Vec<ListedSession>> {
        let (policy, now) = (&self.settings.session_policy, self.clock.now());
        let mut listed = self.sessions.list(ev.context(), ev.user_id, policy.most()).await?;
        listed.retain(|listed| policy.is_live(&listed.session, now));
        Ok(listed)
    }
}

/// Writes a session as its user sees it.
///
/// # Errors
///
/// When a time cannot be written.
pub fn serialize_session(ev: DefaultAction<'_, SerializeSession>) -> Result<Map<String, Value>> {
    let ListedSession { session, device } = &ev.listed;
    let members = [
        ("id", json!(session.id.to_string())),
        ("current", json!(ev.is_current)),
        ("transport", json!(session.transport.as_str())),
        ("user_agent", json!(device.user_agent())),
        ("address", json!(device.address())),
        ("created_at", json!(session.created_at.format(&Rfc3339)?)),
        ("authenticated_at", json!(session.authenticated_at.format(&Rfc3339)?)),
        ("last_seen_at", json!(session.last_seen_at.format(&Rfc3339)?)),
        ("expires_at", json!(session.expires_at.format(&Rfc3339)?)),
    ];
    Ok(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The course of ending one session.
///
/// # Errors
///
/// `not_found` when the user has no such session.
pub async fn revoke_session(mut ev: DefaultAction<'_, RevokeSessionSaga>) -> Result<()> {
    let (user_id, session_id) = (ev.user_id, ev.session_id);
    if ev.dispatch(RevokeSessionProcess { user_id, session_id }).await? {
        return Ok(());
    }
    Err(not_found())
}

/// The course of ending all other sessions.
///
/// # Errors
///
/// When the store fails.
pub async fn revoke_other_sessions(
    mut ev: DefaultAction<'_, RevokeOtherSessionsSaga>,
) -> Result<u64> {
    let (user_id, except) = (ev.current.user.id, Some(ev.current.session.id));
    ev.dispatch(RevokeSessionsProcess { user_id, except }).await
}

functor! {
    /// Ends a session if it is one of the user.
    pub struct RevokeSession {
        sessions: Arc<dyn SessionRepository>,
    }
}

impl Listener<DefaultAction<'_, RevokeSessionProcess>> for RevokeSession {
    async fn call(&self, ev: DefaultAction<'_, RevokeSessionProcess>) -> Result<bool> {
        self.sessions.delete_own(ev.context(), ev.user_id, ev.session_id).await
    }
}

functor! {
    /// Ends the sessions of a user.
    pub struct RevokeSessions {
        sessions: Arc<dyn SessionRepository>,
    }
}

impl Listener<DefaultAction<'_, RevokeSessionsProcess>> for RevokeSessions {
    async fn call(&self, ev: DefaultAction<'_, RevokeSessionsProcess>) -> Result<u64> {
        self.sessions.delete_all(ev.context(), ev.user_id, ev.except).await
    }
}
