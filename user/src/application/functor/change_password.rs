//! A password is changed.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Inject, Listener, Result};

use crate::{
    application::{
        errors::signed_out,
        functor::{
            check_password::personal_of, known_device::mark_device, void_resets::withdraw_resets,
        },
    },
    domain::{CurrentSession, MailKind, OpenedSession, SessionTransport},
    port::{EmailChangeRepository, MailQueue, TokenGenerator, TokenRepository, UserRepository},
    presentation::event::transport::{
        ChangePasswordProcess, ChangePasswordSaga, CheckPassword, HashPassword, OweMail,
        ProveOwnPassword, RenewSessionProcess, RequireRecentAuthentication, RevokeSessionsProcess,
    },
};

/// The course of changing the password.
///
/// # Errors
///
/// When the authentication is too long ago, the present password is wrong or was tried too often, or the new one
/// may not be chosen.
pub async fn change_password(
    mut ev: DefaultAction<'_, ChangePasswordSaga>,
    tokens: Inject<'_, dyn TokenGenerator>,
) -> Result<OpenedSession> {
    let current = ev.current.clone();
    ev.dispatch(RequireRecentAuthentication { current: current.clone() }).await?;
    let (password, personal) = (Arc::clone(&ev.new_password), personal_of(&current.user));
    ev.dispatch(CheckPassword { password, personal, pointer: "/new_password" }).await?;
    let (user_id, password) = (current.user.id, Arc::clone(&ev.current_password));
    ev.dispatch(ProveOwnPassword { user_id, password, pointer: "/current_password" }).await?;
    let password = Arc::clone(&ev.new_password);
    let password_hash = ev.dispatch(HashPassword { password }).await?;
    let change = ChangePasswordProcess { current, password_hash: password_hash.clone() };
    let opened = ev.dispatch(change).await?;
    if opened.session.transport == SessionTransport::Cookie {
        // The mark of the former password is void.
        mark_device(ev.context(), &*tokens, opened.user.id, &password_hash)?;
    }
    Ok(opened)
}

functor! {
    /// Replaces the password, ends all other sessions and renews this one.
    pub struct ChangePassword {
        tokens: Arc<dyn TokenRepository>,
        changes: Arc<dyn EmailChangeRepository>,
        users: Arc<dyn UserRepository>,
        mails: Arc<dyn MailQueue>,
    }
}

impl Listener<DefaultAction<'_, ChangePasswordProcess>> for ChangePassword {
    async fn call(
        &self,
        mut ev: DefaultAction<'_, ChangePasswordProcess>,
    ) -> Result<OpenedSession> {
        let (context, user_id) = (ev.context(), ev.current.user.id);
        self.tokens.delete_all(context, user_id).await?;
        self.changes.delete_of_user(context, user_id).await?;
        let stored = self.users.set_password_hash(context, user_id, &ev.password_hash).await?;
        let user = stored.ok_or_else(signed_out)?;
        withdraw_resets(&mut ev, &*self.mails, user_id, &user.email).await?;
        let notice = OweMail::new(&user, MailKind::PasswordChanged);
        let current = CurrentSession { user, ..ev.current.clone() };
        let except = Some(current.session.id);
        ev.dispatch(RevokeSessionsProcess { user_id, except }).await?;
        let opened = ev.dispatch(RenewSessionProcess { current }).await?;
        ev.dispatch(notice).await?;
        Ok(opened)
    }
}
