//! A forgotten password is replaced.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Inject, Listener, Result};

use crate::{
    application::{
        errors::token_invalid,
        functor::{
            audit::TriedAccount, check_password::personal_of, known_device::mark_device,
            limit_attempts::looked_up, void_resets::withdraw_resets,
        },
    },
    domain::{
        AttemptKey, ClientAction, MailKind, OneTimeGrant, Settings, TokenDigest, TokenPurpose,
        User, UserStatus,
    },
    port::{
        Clock, EmailChangeRepository, MailQueue, TokenGenerator, TokenRepository, UserRepository,
    },
    presentation::event::transport::{
        CheckPassword, FindToken, ForgetAttemptsProcess, GetUser, HashPassword, OweMail,
        ResetPasswordProcess, ResetPasswordSaga, RevokeSessionsProcess, ThrottleClient,
    },
};

/// The course of choosing a new password with the token of a mail.
///
/// # Errors
///
/// `token_invalid` for whatever is wrong with the token, and what is wrong with the password.
pub async fn reset_password(
    mut ev: DefaultAction<'_, ResetPasswordSaga>,
    tokens: Inject<'_, dyn TokenGenerator>,
) -> Result<User> {
    ev.dispatch(ThrottleClient { action: ClientAction::ResetPassword }).await?;
    let digest = ev.token.as_ref().ok_or_else(token_invalid)?.digest();
    ev.dispatch(ThrottleClient { action: ClientAction::FailedLookUp }).await?;
    let came = reset(&mut ev, digest, &*tokens).await;
    looked_up(&mut ev, came).await
}

async fn reset(
    ev: &mut DefaultAction<'_, ResetPasswordSaga>,
    digest: TokenDigest,
    tokens: &dyn TokenGenerator,
) -> Result<User> {
    let purpose = TokenPurpose::PasswordReset;
    let grant = ev.dispatch(FindToken { digest, purpose }).await?.ok_or_else(token_invalid)?;
    ev.context().insert(TriedAccount(grant.user_id));
    let user = ev.dispatch(GetUser { id: grant.user_id }).await?.ok_or_else(token_invalid)?;
    let password = Arc::clone(&ev.password);
    let (checked, personal) = (Arc::clone(&password), personal_of(&user));
    ev.dispatch(CheckPassword { password: checked, personal, pointer: "/password" }).await?;
    let password_hash = ev.dispatch(HashPassword { password }).await?;
    let reset = ResetPasswordProcess { digest, password_hash: password_hash.clone() };
    let user = ev.dispatch(reset).await?;
    // The marks of the former password are void, and somebody may be trying to log in meanwhile.
    mark_device(ev.context(), tokens, user.id, &password_hash)?;
    Ok(user)
}

functor! {
    /// Looks up what a token leads to.
    pub struct FindTokenInStore {
        tokens: Arc<dyn TokenRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, FindToken>> for FindTokenInStore {
    async fn call(&self, ev: DefaultAction<'_, FindToken>) -> Result<Option<OneTimeGrant>> {
        let (purpose, now) = (ev.purpose, self.clock.now());
        let found = self.tokens.find(ev.context(), &ev.digest, purpose, now).await?;
        let is_of_today = |grant: &_| {
            let OneTimeGrant { expires_at, .. } = *grant;
            self.settings.is_of_today(purpose, expires_at, now)
        };
        Ok(found.filter(is_of_today))
    }
}

functor! {
    /// Uses the token up, replaces the password and ends all sessions.
    pub struct ResetPassword {
        tokens: Arc<dyn TokenRepository>,
        changes: Arc<dyn EmailChangeRepository>,
        users: Arc<dyn UserRepository>,
        mails: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<DefaultAction<'_, ResetPasswordProcess>> for ResetPassword {
    async fn call(&self, mut ev: DefaultAction<'_, ResetPasswordProcess>) -> Result<User> {
        let (context, now) = (ev.context(), self.clock.now());
        let purpose = TokenPurpose::PasswordReset;
        let grant = self.tokens.consume(context, &ev.digest, purpose, now).await?;
        let user_id = grant.ok_or_else(token_invalid)?.user_id;
        self.tokens.delete_all(context, user_id).await?;
        self.changes.delete_of_user(context, user_id).await?;
        let stored = self.users.set_password_hash(context, user_id, &ev.password_hash).await?;
        let user = stored.ok_or_else(token_invalid)?;
        if !matches!(user.status, UserStatus::Active | UserStatus::Closed) {
            return Err(token_invalid());
        }
        withdraw_resets(&mut ev, &*self.mails, user_id, &user.email).await?;
        ev.dispatch(RevokeSessionsProcess { user_id, except: None }).await?;
        ev.dispatch(OweMail::new(&user, MailKind::PasswordChanged)).await?;
        // Those were about another password.
        for key in [AttemptKey::of_address(&user.email), AttemptKey::of_proof(user_id)] {
            ev.dispatch(ForgetAttemptsProcess { key }).await?;
        }
        Ok(user)
    }
}
