//! A user removes their account, or takes a copy of it.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Event, Listener, Result};
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use crate::{
    application::{
        errors::{not_found, signed_out},
        functor::admit_mail::end_pauses,
    },
    domain::{MailKind, NewMail, RemovalPolicy, Settings, User, UserId, after},
    port::{Clock, EmailChangeRepository, MailQueue, TokenRepository, UserRepository},
    presentation::event::transport::{
        CloseAccountProcess, ExportAccount, ExportAccountSaga, GetUser, ListSessions, OweMail,
        ProveOwnPassword, RemoveAccountSaga, RemoveUserProcess, RequireRecentAuthentication,
        RevokeSessionsProcess, SerializeSession, SerializeUser,
    },
};

functor! {
    /// The course of a removal.
    pub struct RemoveAccount {
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, RemoveAccountSaga>> for RemoveAccount {
    async fn call(&self, mut ev: DefaultAction<'_, RemoveAccountSaga>) -> Result<()> {
        let (current, user_id) = (ev.current.clone(), ev.current.user.id);
        let password = Arc::clone(&ev.password);
        ev.dispatch(RequireRecentAuthentication { current }).await?;
        ev.dispatch(ProveOwnPassword { user_id, password, pointer: "/password" }).await?;
        let Settings { removal: policy, removal_grace, .. } = *self.settings;
        if removal_grace.is_zero() {
            return ev.dispatch(RemoveUserProcess { user_id, policy }).await;
        }
        let until = after(self.clock.now(), removal_grace);
        ev.dispatch(CloseAccountProcess { user_id, until }).await
    }
}

/// What it takes to end all access to an account.
pub(super) struct Access<'a> {
    pub(super) tokens: &'a dyn TokenRepository,
    pub(super) changes: &'a dyn EmailChangeRepository,
    pub(super) users: &'a dyn UserRepository,
    pub(super) mails: &'a dyn MailQueue,
}

impl Access<'_> {
    /// Ends all sessions, voids all tokens and withdraws all mails. Gives the account, which nobody else changes until the
    /// unit of work ends.
    pub(super) async fn end<E: Event>(
        self,
        ev: &mut DefaultAction<'_, E>,
        user_id: UserId,
    ) -> Result<User> {
        self.tokens.delete_all(ev.context(), user_id).await?;
        self.changes.delete_of_user(ev.context(), user_id).await?;
        // Whoever logs in at the same time waits here, and then finds nobody.
        let found = self.users.lock(ev.context(), user_id).await?.ok_or_else(signed_out)?;
        ev.dispatch(RevokeSessionsProcess { user_id, except: None }).await?;
        self.mails.delete_all(ev.context(), user_id).await?;
        self.mails.delete_requests(ev.context(), &found.user.email).await?;
        // No token is good any more, so whoever comes back gets another.
        let voided = [MailKind::Activation, MailKind::PasswordReset];
        end_pauses(ev, &found.user.email, &voided).await?;
        Ok(found.user)
    }
}

functor! {
    /// Removes what the module keeps about a user, and owes the mailbox a last mail.
    pub struct RemoveUser {
        tokens: Arc<dyn TokenRepository>,
        changes: Arc<dyn EmailChangeRepository>,
        users: Arc<dyn UserRepository>,
        mails: Arc<dyn MailQueue>,
    }
}

impl Listener<DefaultAction<'_, RemoveUserProcess>> for RemoveUser {
    async fn call(&self, mut ev: DefaultAction<'_, RemoveUserProcess>) -> Result<()> {
        let (user_id, policy) = (ev.user_id, ev.policy);
        let access = Access {
            tokens: &*self.tokens,
            changes: &*self.changes,
            users: &*self.users,
            mails: &*self.mails,
        };
        let User { email, locale, .. } = access.end(&mut ev, user_id).await?;
        let is_removed = match policy {
            RemovalPolicy::Anonymise => self.users.anonymise(ev.context(), user_id).await?,
            RemovalPolicy::Erase => self.users.delete(ev.context(), user_id).await?,
        };
        if is_removed {
            let mail = NewMail {
                recipient: Some(email.clone()),
                locale,
                ..NewMail::new(user_id, MailKind::AccountRemoved)
            };
            ev.dispatch(OweMail { mail, address: email }).await?;
        }
        Ok(())
    }
}

/// The course of taking a copy.
///
/// # Errors
///
/// When the store fails.
pub async fn export_account(
    mut ev: DefaultAction<'_, ExportAccountSaga>,
) -> Result<Map<String, Value>> {
    let current = ev.current.clone();
    ev.dispatch(ExportAccount { current }).await
}

functor! {
    /// Gathers what the module keeps about a user.
    pub struct GatherAccount {
        changes: Arc<dyn EmailChangeRepository>,
    }
}

impl Listener<DefaultAction<'_, ExportAccount>> for GatherAccount {
    async fn call(&self, mut ev: DefaultAction<'_, ExportAccount>) -> Result<Map<String, Value>> {
        let (user_id, own) = (ev.current.user.id, ev.current.session.id);
        let user = ev.dispatch(GetUser { id: user_id }).await?.ok_or_else(not_found)?;
        let activated_at = user.activated_at.map(|at| at.format(&Rfc3339)).transpose()?;
        let mut account = ev.dispatch(SerializeUser { user }).await?;
        account.insert("activated_at".to_owned(), json!(activated_at));
        let mut sessions = Vec::new();
        for listed in ev.dispatch(ListSessions { user_id }).await? {
            let is_current = listed.session.id == own;
            sessions.push(ev.dispatch(SerializeSession { listed, is_current }).await?);
        }
        let change = self.changes.find_of_user(ev.context(), user_id).await?;
        let change = match change {
            None => Value::Null,
            Some(change) => json!({
                "email": change.email.as_str(),
                "created_at": change.created_at.format(&Rfc3339)?,
                "expires_at": change.expires_at.format(&Rfc3339)?,
            }),
        };
        let members =
            [("account", json!(account)), ("sessions", json!(sessions)), ("email_change", change)];
        Ok(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}
