//! Somebody who is signed in proves again who they are.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, Listener, Result, Violation};

use crate::{
    application::{
        errors::{reauthentication_required, signed_out},
        functor::limit_attempts::CountedTry,
    },
    domain::{AttemptKey, Credentials, OpenedSession, Session, Settings, UserStatus},
    port::{Clock, SessionRepository, TokenGenerator, UserRepository},
    presentation::event::transport::{
        ForgetAttemptsProcess, LoadOwnCredentials, ProveOwnPassword, ReauthenticateSaga,
        RenewSessionProcess, RequireRecentAuthentication, VerifyPassword,
    },
};

/// The course of proving again who one is.
///
/// # Errors
///
/// When the password is wrong, or was tried too often.
pub async fn reauthenticate(
    mut ev: DefaultAction<'_, ReauthenticateSaga>,
) -> Result<OpenedSession> {
    let (current, password) = (ev.current.clone(), Arc::clone(&ev.password));
    let proof = ProveOwnPassword { user_id: current.user.id, password, pointer: "/password" };
    ev.dispatch(proof).await?;
    ev.dispatch(RenewSessionProcess { current }).await
}

functor! {
    /// Checks the password of a user who is signed in. Its tries are counted for the user and apart from logins, so that
    /// a stranger who tries to log in keeps nobody from it.
    pub struct ProveByPassword {
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, ProveOwnPassword>> for ProveByPassword {
    async fn call(&self, mut ev: DefaultAction<'_, ProveOwnPassword>) -> Result<Credentials> {
        let user_id = ev.user_id;
        let found = ev.dispatch(LoadOwnCredentials { user_id }).await?;
        // Somebody who has been removed meanwhile has no password that could be wrong.
        let found = found.filter(|found| found.user.status == UserStatus::Active);
        let credentials = found.ok_or_else(signed_out)?;
        let key = AttemptKey::of_proof(user_id);
        let counted = CountedTry::count(&mut ev, key, self.settings.limits.own_password).await?;
        let came = prove(&mut ev, &credentials, key).await;
        counted.unless_failed(&mut ev, came).await?;
        Ok(credentials)
    }
}

/// Verifies, and forgets the tries before.
async fn prove(
    ev: &mut DefaultAction<'_, ProveOwnPassword>,
    credentials: &Credentials,
    key: AttemptKey,
) -> Result<()> {
    let (password, hash) = (Arc::clone(&ev.password), credentials.password_hash.clone());
    if !ev.dispatch(VerifyPassword { password, hash }).await?.is_match() {
        return Err(Error::invalid([Violation::new(ev.pointer, "wrong_password")]));
    }
    ev.dispatch(ForgetAttemptsProcess { key }).await
}

functor! {
    /// Looks up the account of a user with the hash of the password.
    pub struct FindOwnCredentials {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, LoadOwnCredentials>> for FindOwnCredentials {
    async fn call(&self, ev: DefaultAction<'_, LoadOwnCredentials>) -> Result<Option<Credentials>> {
        self.users.find_own_credentials(ev.context(), ev.user_id).await
    }
}

functor! {
    /// Gives the session a fresh token, unless it has been given one since the request came: what was proven before may not
    /// hold any more, such as a password that has been changed meanwhile.
    pub struct RenewSession {
        sessions: Arc<dyn SessionRepository>,
        tokens: Arc<dyn TokenGenerator>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<DefaultAction<'_, RenewSessionProcess>> for RenewSession {
    async fn call(&self, ev: DefaultAction<'_, RenewSessionProcess>) -> Result<OpenedSession> {
        let (now, token) = (self.clock.now(), Arc::new(self.tokens.generate()?));
        let session =
            Session { authenticated_at: now, last_seen_at: now, ..ev.current.session.clone() };
        let (old, new) = (&ev.current.digest, token.digest());
        if !self.sessions.renew(ev.context(), session.id, old, &new, now).await? {
            return Err(signed_out());
        }
        Ok(OpenedSession { user: ev.current.user.clone(), session, token })
    }
}

functor! {
    /// Compares with when the user of the session last proved who they are.
    pub struct CompareAuthenticationTime {
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, RequireRecentAuthentication>> for CompareAuthenticationTime {
    async fn call(&self, ev: DefaultAction<'_, RequireRecentAuthentication>) -> Result<()> {
        // A proof in the future, by a clock that was set back since, is no more recent than one as long ago.
        let since = (self.clock.now() - ev.current.session.authenticated_at).unsigned_abs();
        let max_age = self.settings.reauthenticate_after;
        if since <= max_age { Ok(()) } else { Err(reauthentication_required(max_age)) }
    }
}
