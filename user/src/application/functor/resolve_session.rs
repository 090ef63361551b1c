//! A token leads to a session and its user.

use std::sync::Arc;

use dullahan_core::{After, DefaultAction, ErrorKind, Listener, Principal, Result};

use crate::{
    application::functor::recent_tokens::RecentTokens,
    domain::{ClientAction, CurrentSession, Settings, UserStatus, before},
    port::{Clock, SessionRepository},
    presentation::event::transport::{
        CountClientFailure, ResolveSession, ThrottleClient, TouchSessionProcess,
    },
};

/// Finds the live session of a token, with one statement; unless too many tokens of this client led nowhere. One that has led
/// to a session lately is looked up even so: others with the client's address may be behind that.
pub struct FindSession {
    sessions: Arc<dyn SessionRepository>,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    recent: RecentTokens,
}

impl std::fmt::Debug for FindSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FindSession")
    }
}

impl Listener<DefaultAction<'_, ResolveSession>> for FindSession {
    async fn call(
        &self,
        mut ev: DefaultAction<'_, ResolveSession>,
    ) -> Result<Option<CurrentSession>> {
        let (action, digest) = (ClientAction::FailedLookUp, ev.digest);
        match ev.dispatch(ThrottleClient { action }).await {
            Err(error)
                if error.kind() != ErrorKind::TooManyRequests || !self.recent.holds(&digest) =>
            {
                return Err(error);
            }
            _ => {}
        }
        let found = self.find_live(&mut ev).await?;
        if found.is_some() {
            self.recent.note(&digest);
        } else {
            self.recent.forget(&digest);
            ev.dispatch(CountClientFailure { action, key: None }).await?;
        }
        Ok(found)
    }
}

impl FindSession {
    /// The functor with its ports.
    pub fn new(
        sessions: Arc<dyn SessionRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    ) -> Self {
        Self { sessions, clock, settings, recent: RecentTokens::default() }
    }

    async fn find_live(
        &self,
        ev: &mut DefaultAction<'_, ResolveSession>,
    ) -> Result<Option<CurrentSession>> {
        let found = self.sessions.find(ev.context(), &ev.digest).await?;
        let Some((session, user)) = found else { return Ok(None) };
        let now = self.clock.now();
        let policy = &self.settings.session_policy;
        if session.transport != ev.transport
            || !policy.is_live(&session, now)
            || user.status != UserStatus::Active
        {
            return Ok(None);
        }
        if policy.must_touch(&session, now) {
            // In a box, since it is seldom: once a minute.
            let touch = TouchSessionProcess { session_id: session.id };
            let touched = Box::pin(ev.dispatch(touch)).await;
            if let Err(error) = touched {
                // The user is who they are, whether or not it could be written down that they were here.
                tracing::warn!(%error, "the use of a session could not be written down");
            }
        }
        Ok(Some(CurrentSession { session, digest: ev.digest, user }))
    }
}

/// Puts the session into the context, for whatever runs in the same request.
///
/// # Errors
///
/// Never.
pub fn remember_current_session(ev: After<'_, ResolveSession>) -> Result<()> {
    if let Some(current) = ev.output() {
        let roles = current.user.roles.iter().map(|role| role.as_str().to_owned());
        let principal = Principal::new(current.user.id.to_string(), roles);
        ev.context().set_principal(Some(principal));
        ev.context().insert(current.clone());
    }
    Ok(())
}

functor! {
    /// Writes down that a session was used.
    pub struct TouchSession {
        sessions: Arc<dyn SessionRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, TouchSessionProcess>> for TouchSession {
    async fn call(&self, ev: DefaultAction<'_, TouchSessionProcess>) -> Result<()> {
        let now = self.clock.now();
        // Of requests that come at once, only one has to write.
        let unless_since = before(now, self.settings.session_policy.touch_every());
        self.sessions.touch(ev.context(), ev.session_id, now, unless_since).await
    }
}
