//! Sessions begin and end.

use std::sync::Arc;

use dullahan_core::{After, Context, DefaultAction, Listener, Result};
use http::header;

use crate::{
    application::{
        errors::{credentials_outdated, invalid_credentials, not_active},
        functor::limit_attempts::TriedKey,
    },
    domain::{
        AttemptKey, Device, NewSession, OpenedSession, PasswordHash, Session, SessionId, Settings,
        UserStatus,
    },
    port::{Clock, SessionRepository, TokenGenerator, UserRepository},
    presentation::event::transport::{
        CloseSessionProcess, ForgetAttemptsProcess, LogOutSaga, OpenSessionProcess,
    },
};

functor! {
    /// Begins a session under a fresh token.
    pub struct OpenSession {
        users: Arc<dyn UserRepository>,
        sessions: Arc<dyn SessionRepository>,
        tokens: Arc<dyn TokenGenerator>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl OpenSession {
    /// Between the check of a password and here, the account may have got another one, or have been removed: all its
    /// sessions ended then, and this one must not begin. Nobody changes it from here on until the session is stored.
    async fn is_unchanged(&self, ev: &DefaultAction<'_, OpenSessionProcess>) -> Result<()> {
        let found = self.users.lock(ev.context(), ev.user.id).await?;
        let credentials = found.ok_or_else(invalid_credentials)?;
        let stored = credentials.password_hash.as_ref().map(PasswordHash::as_phc);
        let checked = ev.password_hash.as_ref().map(PasswordHash::as_phc);
        // First, as what is wrong with an account is told only to whoever has its password.
        if checked.is_some() && checked != stored {
            return Err(credentials_outdated());
        }
        match credentials.user.status {
            UserStatus::Active => Ok(()),
            status => Err(not_active(status)),
        }
    }
}

/// What the client of a request says about itself.
pub(super) fn device(context: &Context) -> Device {
    let header = context.request().and_then(|head| head.headers.get(header::USER_AGENT));
    Device::new(header.and_then(|value| value.to_str().ok()), context.client_address())
}

/// Forgets the tries that led to a login, in the unit of work of the session: those of a device that is known, or those of
/// the account.
///
/// # Errors
///
/// When the store fails.
pub async fn forget_attempts(mut ev: After<'_, OpenSessionProcess>) -> Result<()> {
    let tried = ev.context().get::<TriedKey>().map(|TriedKey(key)| key);
    let key = tried.unwrap_or_else(|| AttemptKey::of_address(&ev.output().user.email));
    ev.dispatch(ForgetAttemptsProcess { key }).await
}

impl Listener<DefaultAction<'_, OpenSessionProcess>> for OpenSession {
    async fn call(&self, ev: DefaultAction<'_, OpenSessionProcess>) -> Result<OpenedSession> {
        self.is_unchanged(&ev).await?;
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
        let device = device(ev.context());
        let new = NewSession { session, digest: token.digest(), device };
        self.sessions.insert(ev.context(), &new).await?;
        if let Some(digest) = &ev.replaces
            && let Some((replaced, _)) = self.sessions.find(ev.context(), digest).await?
            && replaced.transport == ev.transport
        {
            self.sessions.delete(ev.context(), replaced.id).await?;
        }
        let (opened, most) = (new.session.id, self.settings.session_policy.most());
        self.sessions.end_surplus(ev.context(), ev.user.id, opened, most).await?;
        Ok(OpenedSession { user: ev.user.clone(), session: new.session, token })
    }
}

/// The course of a logout.
///
/// # Errors
///
/// When the session cannot be closed.
pub async fn log_out(mut ev: DefaultAction<'_, LogOutSaga>) -> Result<()> {
    let session_id = ev.session_id;
    ev.dispatch(CloseSessionProcess { session_id }).await
}

functor! {
    /// Ends a session.
    pub struct CloseSession {
        sessions: Arc<dyn SessionRepository>,
    }
}

impl Listener<DefaultAction<'_, CloseSessionProcess>> for CloseSession {
    async fn call(&self, ev: DefaultAction<'_, CloseSessionProcess>) -> Result<()> {
        self.sessions.delete(ev.context(), ev.session_id).await.map(drop)
    }
}
