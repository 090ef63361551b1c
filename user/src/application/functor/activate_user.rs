//! A token and a password make a pending user active.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, Listener, Result, Violation};

use crate::{
    application::{
        errors::{is_email_taken, is_token_invalid, token_invalid},
        functor::{
            admit_mail::end_pauses, audit::TriedAccount, check_password::personal_of_address,
            limit_attempts::looked_up, validate_registration::preferred,
        },
    },
    domain::{
        ActivationPassword, ClientAction, Credentials, MailKind, NewOneTimeToken, NewUser,
        PendingUser, PlainPassword, Settings, TokenDigest, TokenPurpose, User, UserId, UserStatus,
        after,
    },
    port::{AddressChange, Clock, TokenRepository, UserRepository},
    presentation::event::transport::{
        ActivateUserProcess, ActivateUserSaga, Activation, CheckPassword, CreateUserProcess,
        DropPendingUsers, DropSurplusPendingUsers, FindToken, GetUser, HashPassword,
        LoadPendingCredentials, ThrottleClient, VerifyPassword,
    },
};

/// How many registrations of one address are looked at, the latest ones. There are hardly ever more, as those that are too
/// many are deleted.
const MOST_LOOKED_AT: u32 = 100;

functor! {
    /// The course of an activation.
    pub struct ActivateWithToken {
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, ActivateUserSaga>> for ActivateWithToken {
    async fn call(&self, mut ev: DefaultAction<'_, ActivateUserSaga>) -> Result<User> {
        ev.dispatch(ThrottleClient { action: ClientAction::Activate }).await?;
        if ev.password.is_none() && self.settings.password_at_activation {
            return Err(Error::invalid([Violation::new("/password", "required")]));
        }
        let digest = ev.token.as_ref().ok_or_else(token_invalid)?.digest();
        ev.dispatch(ThrottleClient { action: ClientAction::FailedLookUp }).await?;
        let activated = match activate(&mut ev, digest).await {
            // A page may send it twice, which is no reason to report a failure.
            Err(error) if is_token_invalid(&error) => {
                just_activated(&mut ev, digest).await?.ok_or(error)
            }
            activated => activated,
        };
        looked_up(&mut ev, activated).await
    }
}

async fn activate(
    ev: &mut DefaultAction<'_, ActivateUserSaga>,
    digest: TokenDigest,
) -> Result<User> {
    let purpose = TokenPurpose::Activation;
    let grant = ev.dispatch(FindToken { digest, purpose }).await?.ok_or_else(token_invalid)?;
    ev.context().insert(TriedAccount(grant.user_id));
    let load = LoadPendingCredentials { user_id: grant.user_id };
    let pending = ev.dispatch(load).await?;
    let activation = match ev.password.clone() {
        None => Activation::AsRegistered(grant.user_id),
        Some(ActivationPassword::Registered(password)) => {
            Activation::AsRegistered(registered_with(ev, password, pending).await?)
        }
        Some(ActivationPassword::New(password)) => {
            let user = pending.first().map(|found| &found.user).ok_or_else(token_invalid)?;
            let (personal, checked) = (personal_of_address(&user.email), Arc::clone(&password));
            let check = CheckPassword { password: checked, personal, pointer: "/new_password" };
            ev.dispatch(check).await?;
            Activation::Anew(ev.dispatch(HashPassword { password }).await?)
        }
    };
    ev.dispatch(ActivateUserProcess { digest, activation }).await
}

/// Which of the pending users has this password.
async fn registered_with(
    ev: &mut DefaultAction<'_, ActivateUserSaga>,
    password: Arc<PlainPassword>,
    pending: Vec<Credentials>,
) -> Result<UserId> {
    if pending.is_empty() {
        return Err(token_invalid());
    }
    for Credentials { user, password_hash } in pending {
        let verify = VerifyPassword { password: Arc::clone(&password), hash: password_hash };
        if ev.dispatch(verify).await?.is_match() {
            return Ok(user.id);
        }
    }
    Err(Error::invalid([Violation::new("/password", "wrong_password")]))
}

/// The user whom this token has just activated.
async fn just_activated(
    ev: &mut DefaultAction<'_, ActivateUserSaga>,
    digest: TokenDigest,
) -> Result<Option<User>> {
    let purpose = TokenPurpose::Activated;
    let Some(grant) = ev.dispatch(FindToken { digest, purpose }).await? else { return Ok(None) };
    let user = ev.dispatch(GetUser { id: grant.user_id }).await?;
    Ok(user.filter(|user| user.status == UserStatus::Active))
}

functor! {
    /// Looks up who has registered an address and is pending: first the one that the mail was sent for, then the others by
    /// turns of the networks that they were registered from.
    pub struct FindPendingCredentials {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, LoadPendingCredentials>> for FindPendingCredentials {
    async fn call(
        &self,
        ev: DefaultAction<'_, LoadPendingCredentials>,
    ) -> Result<Vec<Credentials>> {
        let id = ev.user_id;
        let pending = self.users.find_pending(ev.context(), id, MOST_LOOKED_AT).await?;
        let (own, others): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|one| one.credentials.user.id == id);
        let all = own.into_iter().chain(PendingUser::by_turns(others));
        Ok(all.take(PendingUser::MOST).map(|one| one.credentials).collect())
    }
}

functor! {
    /// Deletes the registrations of an address that are too many.
    pub struct DropSurplusPendingUsersInStore {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, DropSurplusPendingUsers>> for DropSurplusPendingUsersInStore {
    async fn call(&self, ev: DefaultAction<'_, DropSurplusPendingUsers>) -> Result<u64> {
        let context = ev.context();
        let pending = self.users.find_pending(context, ev.user_id, MOST_LOOKED_AT).await?;
        let mut dropped = 0;
        for surplus in PendingUser::surplus(pending) {
            let id = surplus.credentials.user.id;
            dropped += u64::from(self.users.delete_if_pending(context, id).await?);
        }
        Ok(dropped)
    }
}

functor! {
    /// Uses the token up, activates one user with its address, and deletes the others.
    pub struct ActivateUser {
        tokens: Arc<dyn TokenRepository>,
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, ActivateUserProcess>> for ActivateUser {
    async fn call(&self, mut ev: DefaultAction<'_, ActivateUserProcess>) -> Result<User> {
        let (digest, now) = (ev.digest, self.clock.now());
        let purpose = TokenPurpose::Activation;
        let consumed = self.tokens.consume(ev.context(), &digest, purpose, now).await?;
        let proven = consumed.ok_or_else(token_invalid)?.user_id;
        let user = match ev.activation.clone() {
            Activation::AsRegistered(id) => {
                match self.users.activate(ev.context(), id, now).await? {
                    AddressChange::Changed(user) => user,
                    AddressChange::Taken | AddressChange::NoSuchUser => return Err(token_invalid()),
                }
            }
            Activation::Anew(password_hash) => {
                let found = self.users.lock(ev.context(), proven).await?;
                let user = NewUser {
                    id: UserId::new(),
                    email: found.ok_or_else(token_invalid)?.user.email,
                    display_name: None,
                    locale: preferred(ev.context()),
                    password_hash,
                    created_at: now,
                    registered_from: None,
                    activated_at: Some(now),
                };
                let created = ev.dispatch(CreateUserProcess { user }).await;
                created
                    .map_err(|error| if is_email_taken(&error) { token_invalid() } else { error })?
            }
        };
        ev.dispatch(DropPendingUsers { email: user.email.clone() }).await?;
        // The token is used up, so whoever registers the address once it is free again gets another.
        end_pauses(&mut ev, &user.email, &[MailKind::Activation]).await?;
        let lifetime = self.settings.token_lifetime(TokenPurpose::Activated);
        if !lifetime.is_zero() {
            let activated = NewOneTimeToken {
                digest,
                purpose: TokenPurpose::Activated,
                user_id: user.id,
                email_change_id: None,
                expires_at: after(now, lifetime),
            };
            self.tokens.insert(ev.context(), &activated).await?;
        }
        Ok(user)
    }
}
