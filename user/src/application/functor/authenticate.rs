//! The course of a login, and what it does with passwords.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};

use crate::{
    application::{
        fault::{hashing_failed, invalid_credentials, is_busy, is_outdated, not_active},
        functor::{audit::TriedAccount, limit_attempts::CountedTry},
    },
    domain::{
        AttemptKey, Credentials, EmailAddress, OpenedSession, PasswordHash, Settings, UserStatus,
    },
    port::{HashingError, PasswordHasher, UserRepository, Verification},
    presentation::event::transport::{
        CloseSessionProcess, HashPassword, LoadCredentials, LogInSaga, OpenSessionProcess,
        ReopenAccountProcess, ReplacePasswordHashProcess, ThrottleClient, VerifyPassword,
    },
};

functor! {
    /// The course of a login: count the try, load, verify, open a session.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 6.3.8: one verification whoever is asked for, and one answer to all that fail.
    ///
    /// Tries are counted before anything else, so that guessing at once is no way around the limit. One that nobody
    /// had the time to look at is given back.
    pub struct LogIn {
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, LogInSaga>> for LogIn {
    async fn call(&self, mut ev: Perform<'_, LogInSaga>) -> Result<OpenedSession> {
        ev.context().remove::<TriedAccount>();
        ev.dispatch(ThrottleClient {}).await?;
        let (key, limit) =
            (AttemptKey::of_identifier(&ev.identifier), self.settings.password_attempts);
        let counted = CountedTry::count(&mut ev, key, limit).await?;
        let opened = match open(&mut ev, counted, true).await {
            // The hash may have been renewed by another login at the same moment: whether the password is still the
            // right one is for the hash to say that is stored now.
            Err(error) if is_outdated(&error) => open(&mut ev, counted, false).await?,
            opened => opened?,
        };
        // If the saga fails from here on, nobody is told the token.
        ev.compensate_with(CloseSessionProcess { session_id: opened.session.id });
        ev.context().remove::<TriedAccount>();
        Ok(opened)
    }
}

/// Loads, verifies, renews a hash of other parameters if asked to, and opens a session.
async fn open(
    ev: &mut Perform<'_, LogInSaga>,
    counted: CountedTry,
    renews_hash: bool,
) -> Result<OpenedSession> {
    let (identifier, password) = (ev.identifier.clone(), Arc::clone(&ev.password));
    let found = ev.dispatch(LoadCredentials { identifier }).await?;
    let (user, mut password_hash) =
        found.map_or((None, None), |found| (Some(found.user), found.password_hash));
    if let Some(user) = &user {
        ev.context().insert(TriedAccount(user.id));
    }
    let asked = VerifyPassword { password: Arc::clone(&password), hash: password_hash.clone() };
    let came = ev.dispatch(asked).await;
    let verification = counted.unless_busy(ev, came).await?;
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
    ev.dispatch(OpenSessionProcess { user, password_hash, transport, replaces }).await
}

functor! {
    /// Looks an account up by its address.
    pub struct FindCredentials {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<Perform<'_, LoadCredentials>> for FindCredentials {
    async fn call(&self, ev: Perform<'_, LoadCredentials>) -> Result<Option<Credentials>> {
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

impl Listener<Perform<'_, HashPassword>> for HashWithHasher {
    async fn call(&self, ev: Perform<'_, HashPassword>) -> Result<PasswordHash> {
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

impl Listener<Perform<'_, VerifyPassword>> for VerifyWithHasher {
    async fn call(&self, ev: Perform<'_, VerifyPassword>) -> Result<Verification> {
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

impl Listener<Perform<'_, ReplacePasswordHashProcess>> for ReplacePasswordHash {
    async fn call(&self, ev: Perform<'_, ReplacePasswordHashProcess>) -> Result<()> {
        self.users.replace_password_hash(ev.context(), ev.user_id, &ev.old, &ev.new).await
    }
}
