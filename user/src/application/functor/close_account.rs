//! An account is closed for a while before it is removed, and its owner can come back.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Listener, Result};

use crate::{
    application::{
        errors::{invalid_credentials, signed_out},
        functor::remove_account::Access,
    },
    domain::{MailKind, Settings, User, UserStatus},
    port::{Clock, EmailChangeRepository, MailQueue, TokenRepository, UserRepository},
    presentation::event::transport::{
        CloseAccountProcess, OweMail, RemoveClosedUserProcess, RemoveUserProcess,
        ReopenAccountProcess,
    },
};

functor! {
    /// Ends all access to an account and closes it, and owes the mailbox a mail that says until when.
    pub struct CloseAccount {
        tokens: Arc<dyn TokenRepository>,
        changes: Arc<dyn EmailChangeRepository>,
        users: Arc<dyn UserRepository>,
        mails: Arc<dyn MailQueue>,
    }
}

impl Listener<DefaultAction<'_, CloseAccountProcess>> for CloseAccount {
    async fn call(&self, mut ev: DefaultAction<'_, CloseAccountProcess>) -> Result<()> {
        let (user_id, until) = (ev.user_id, ev.until);
        let access = Access {
            tokens: &*self.tokens,
            changes: &*self.changes,
            users: &*self.users,
            mails: &*self.mails,
        };
        access.end(&mut ev, user_id).await?;
        let closed = self.users.close(ev.context(), user_id, until).await?;
        let mail = OweMail::new(&closed.ok_or_else(signed_out)?, MailKind::AccountClosed);
        ev.dispatch(mail).await.map(drop)
    }
}

functor! {
    /// Opens a closed account again, and owes the mailbox a mail that says so.
    pub struct ReopenAccount {
        users: Arc<dyn UserRepository>,
        mails: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<DefaultAction<'_, ReopenAccountProcess>> for ReopenAccount {
    async fn call(&self, mut ev: DefaultAction<'_, ReopenAccountProcess>) -> Result<User> {
        let (user_id, now) = (ev.user_id, self.clock.now());
        let Some(user) = self.users.reopen(ev.context(), user_id, now).await? else {
            // Another login may have opened it at the same moment.
            let found = self.users.lock(ev.context(), user_id).await?.map(|found| found.user);
            let open = found.filter(|user| user.status == UserStatus::Active);
            return open.ok_or_else(invalid_credentials);
        };
        // It says what is not true any more.
        self.mails.withdraw(ev.context(), user_id, MailKind::AccountClosed).await?;
        ev.dispatch(OweMail::new(&user, MailKind::AccountReopened)).await?;
        Ok(user)
    }
}

functor! {
    /// Removes an account that was closed long enough, unless its owner has come back.
    pub struct RemoveClosedUser {
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, RemoveClosedUserProcess>> for RemoveClosedUser {
    async fn call(&self, mut ev: DefaultAction<'_, RemoveClosedUserProcess>) -> Result<bool> {
        let (user_id, now) = (ev.user_id, self.clock.now());
        let found = self.users.lock(ev.context(), user_id).await?;
        let is_over = |user: &User| {
            user.status == UserStatus::Closed && user.closed_until.is_none_or(|until| until <= now)
        };
        if !found.is_some_and(|found| is_over(&found.user)) {
            return Ok(false);
        }
        let policy = self.settings.removal;
        ev.dispatch(RemoveUserProcess { user_id, policy }).await?;
        Ok(true)
    }
}
