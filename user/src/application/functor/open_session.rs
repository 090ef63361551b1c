//! Sessions begin and end.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};

use crate::{
    domain::{NewSession, OpenedSession, Session, SessionId, Settings},
    port::{Clock, SessionRepository, TokenGenerator},
    presentation::event::transport::{CloseSessionProcess, LogOutSaga, OpenSessionProcess},
};

functor! {
    /// Begins a session under a fresh token.
    pub struct OpenSession {
        sessions: Arc<dyn SessionRepository>,
        tokens: Arc<dyn TokenGenerator>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, OpenSessionProcess>> for OpenSession {
    async fn call(&self, ev: Perform<'_, OpenSessionProcess>) -> Result<OpenedSession> {
        let now = self.clock.now();
        let token = Arc::new(self.tokens.generate()?);
        let session = Session {
            id: SessionId::new(),
            user_id: ev.user.id,
            transport: ev.transport,
            created_at: now,
            authenticated_at: now,
            last_seen_at: now,
            expires_at: self.settings.session_policy.expires_at(now),
        };
        let new = NewSession { session, digest: token.digest() };
        self.sessions.insert(ev.context(), &new).await?;
        Ok(OpenedSession { user: ev.user.clone(), session: new.session, token })
    }
}

/// The course of a logout.
///
/// # Errors
///
/// When the session cannot be closed.
pub async fn log_out(mut ev: Perform<'_, LogOutSaga>) -> Result<()> {
    let session_id = ev.session_id;
    ev.dispatch(CloseSessionProcess { session_id }).await
}

functor! {
    /// Ends a session.
    pub struct CloseSession {
        sessions: Arc<dyn SessionRepository>,
    }
}

impl Listener<Perform<'_, CloseSessionProcess>> for CloseSession {
    async fn call(&self, ev: Perform<'_, CloseSessionProcess>) -> Result<()> {
        self.sessions.delete(ev.context(), ev.session_id).await.map(drop)
    }
}
