//! A forgotten password is replaced.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};

use crate::{
    application::{
        fault::token_invalid,
        functor::{check_password::personal_of, void_resets::withdraw_resets},
    },
    domain::{AttemptKey, MailKind, OneTimeGrant, TokenPurpose, User, UserStatus},
    port::{Clock, EmailChangeRepository, MailQueue, TokenRepository, UserRepository},
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
pub async fn reset_password(mut ev: Perform<'_, ResetPasswordSaga>) -> Result<User> {
    ev.dispatch(ThrottleClient {}).await?;
    let digest = ev.token.as_ref().ok_or_else(token_invalid)?.digest();
    let purpose = TokenPurpose::PasswordReset;
    let grant = ev.dispatch(FindToken { digest, purpose }).await?.ok_or_else(token_invalid)?;
    let user = ev.dispatch(GetUser { id: grant.user_id }).await?.ok_or_else(token_invalid)?;
    let password = Arc::clone(&ev.password);
    let (checked, personal) = (Arc::clone(&password), personal_of(&user));
    ev.dispatch(CheckPassword { password: checked, personal, pointer: "/password" }).await?;
    let password_hash = ev.dispatch(HashPassword { password }).await?;
    ev.dispatch(ResetPasswordProcess { digest, password_hash }).await
}

functor! {
    /// Looks up what a token leads to.
    pub struct FindTokenInStore {
        tokens: Arc<dyn TokenRepository>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<Perform<'_, FindToken>> for FindTokenInStore {
    async fn call(&self, ev: Perform<'_, FindToken>) -> Result<Option<OneTimeGrant>> {
        self.tokens.find(ev.context(), &ev.digest, ev.purpose, self.clock.now()).await
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

impl Listener<Perform<'_, ResetPasswordProcess>> for ResetPassword {
    async fn call(&self, mut ev: Perform<'_, ResetPasswordProcess>) -> Result<User> {
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
        ev.dispatch(ForgetAttemptsProcess { key: AttemptKey::of_address(&user.email) }).await?;
        Ok(user)
    }
}
