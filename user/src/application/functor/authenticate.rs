//! The course of a login, and what it does with passwords.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Listener, Result};

use crate::{
    application::{
        errors::{
            hashing_failed, invalid_credentials, is_busy, is_invalid_credentials, is_outdated,
            not_active,
        },
        functor::{
            audit::TriedAccount,
            known_device::{known_device, mark_device},
            limit_attempts::{CountedTry, TriedKey},
        },
    },
    domain::{
        AttemptKey, ClientAction, Credentials, EmailAddress, OpenedSession, PasswordHash,
        SessionTransport, Settings, UserStatus,
    },
    port::{HashingError, PasswordHasher, TokenGenerator, UserRepository, Verification},
    presentation::event::transport::{
        CloseSessionProcess, CountClientFailure, HashPassword, LoadCredentials, LogInSaga,
        OpenSessionProcess, ReopenAccountProcess, ReplacePasswordHashProcess, ThrottleClient,
        VerifyPassword,
    },
};

functor! {
    /// The course of a login: load, count the try, verify, open a session.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 6.3.8: one verification whoever is asked for, and one answer to all that fail.
    ///
    /// Tries are counted before the password is looked at, so that guessing at once is no way around the limit: those of a
    /// device that has signed in before by themselves, all others for the account. One that the service has failed is given
    /// back.
    pub struct LogIn {
        tokens: Arc<dyn TokenGenerator>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, LogInSaga>> for LogIn {
    async fn call(&self, mut ev: DefaultAction<'_, LogInSaga>) -> Result<OpenedSession> {
        ev.context().remove::<TriedAccount>();
        ev.dispatch(ThrottleClient { action: ClientAction::LogIn }).await?;
        let identifier = ev.identifier.clone();
        let found = ev.dispatch(LoadCredentials { identifier }).await?;
        let limits = &self.settings.limits;
        let account = AttemptKey::of_identifier(&ev.identifier);
        let device = known_device(ev.context(), found.as_ref());
        let (key, limit) = match device {
            Some(device) => (device, limits.password_on_known_device),
            None => {
                ev.dispatch(ThrottleClient { action: ClientAction::FailedLogIn }).await?;
                (account, limits.password)
            }
        };
        let counted = CountedTry::count(&mut ev, key, limit).await?;
        ev.context().insert(TriedKey(key));
        let came = match open(&mut ev, found, true).await {
            // The hash may have been renewed by another login at the same moment: whether the password is still the
            // right one is for the hash to say that is stored now.
            Err(error) if is_outdated(&error) => {
                let identifier = ev.identifier.clone();
                match ev.dispatch(LoadCredentials { identifier }).await {
                    Ok(found) => open(&mut ev, found, false).await,
                    Err(error) => Err(error),
                }
            }
            came => came,
        };
        ev.context().remove::<TriedKey>();
        let came = counted.unless_failed(&mut ev, came).await;
        if device.is_none() && came.as_ref().is_err_and(is_invalid_credentials) {
            let (action, key) = (ClientAction::FailedLogIn, Some(account));
            ev.dispatch(CountClientFailure { action, key }).await?;
        }
        let (opened, password_hash) = came?;
        // If the saga fails from here on, nobody is told the token.
        ev.compensate_with(CloseSessionProcess { session_id: opened.session.id });
        if let (SessionTransport::Cookie, Some(hash)) = (ev.transport, &password_hash) {
            mark_device(ev.context(), &*self.tokens, opened.user.id, hash)?;
        }
        Ok(opened)
    }
}

/// Verifies, renews a hash of other parameters if asked to, and opens a session. Also gives the hash that is stored now.
async fn open(
    ev: &mut DefaultAction<'_, LogInSaga>,
    found: Option<Credentials>,
    renews_hash: bool,
) -> Result<(OpenedSession, Option<PasswordHash>)> {
    let password = Arc::clone(&ev.password);
    let (user, mut password_hash) =
        found.map_or((None, None), |found| (Some(found.user), found.password_hash));
    if let Some(user) = &user {
        ev.context().insert(TriedAccount(user.id));
    }
    let asked = VerifyPassword { password: Arc::clone(&password), hash: password_hash.clone() };
    let verification = ev.dispatch(asked).await?;
    let mut user = user.filter(|_| verification.is_match()).ok_or_else(invalid_credentials)?;
    if user.status == UserStatus::Closed {
        user = ev.dispatch(ReopenAccountProcess { user_id: user.id }).await?;
    }
    if user.status != UserStatus::Active {
        return Err(not_active(user.status));
    }
    if let (true, Verification::MatchNeedsRehash, Some(old)) =
        (renews_hash, verification, &password_hash)
    {
        match ev.dispatch(HashPassword { password }).await {
            Ok(new) => {
                let (user_id, old) = (user.id, old.clone());
                let replaced = ReplacePasswordHashProcess { user_id, old, new: new.clone() };
                ev.dispatch(replaced).await?;
                password_hash = Some(new);
            }
            // The next login renews it.
            Err(error) if is_busy(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let (transport, replaces) = (ev.transport, ev.replaces);
    let checked = password_hash.clone();
    let open = OpenSessionProcess { user, password_hash: checked, transport, replaces };
    Ok((ev.dispatch(open).await?, password_hash))
}

functor! {
    /// Looks an account up by its address.
    pub struct FindCredentials {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, LoadCredentials>> for FindCredentials {
    async fn call(&self, ev: DefaultAction<'_, LoadCredentials>) -> Result<Option<Credentials>> {
        match EmailAddress::for_lookup(&ev.identifier) {
            Ok(email) => self.users.find_credentials(ev.context(), &email).await,
            Err(_) => Ok(None),
        }
    }
}

functor! {
    /// Hashes a password with the hasher.
    pub struct HashWithHasher {
        hasher: Arc<dyn PasswordHasher>,
    }
}

impl Listener<DefaultAction<'_, HashPassword>> for HashWithHasher {
    async fn call(&self, ev: DefaultAction<'_, HashPassword>) -> Result<PasswordHash> {
        self.hasher.hash(&ev.password).await.map_err(hashing_failed)
    }
}

functor! {
    /// Checks a password with the hasher.
    ///
    /// A stored hash that the hasher cannot read is logged as an error, and matches no password: the login fails after
    /// the same work as any other.
    pub struct VerifyWithHasher {
        hasher: Arc<dyn PasswordHasher>,
    }
}

impl Listener<DefaultAction<'_, VerifyPassword>> for VerifyWithHasher {
    async fn call(&self, ev: DefaultAction<'_, VerifyPassword>) -> Result<Verification> {
        let verified = match self.hasher.verify(&ev.password, ev.hash.as_ref()).await {
            Err(HashingError::Unreadable(error)) => {
                tracing::error!(
                    error,
                    "the password hash of an account cannot be read; no password matches it"
                );
                self.hasher.verify(&ev.password, None).await
            }
            verified => verified,
        };
        verified.map_err(hashing_failed)
    }
}

functor! {
    /// Stores a hash with the parameters of today.
    pub struct ReplacePasswordHash {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, ReplacePasswordHashProcess>> for ReplacePasswordHash {
    async fn call(&self, ev: DefaultAction<'_, ReplacePasswordHashProcess>) -> Result<()> {
        self.users.replace_password_hash(ev.context(), ev.user_id, &ev.old, &ev.new).await
    }
}
