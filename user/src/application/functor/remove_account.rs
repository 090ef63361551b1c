//! A user removes their account, or takes a copy of it.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use crate::{
    application::{
        fault::{not_found, signed_out},
        functor::owe_mail::end_pauses,
    },
    domain::{MailKind, NewMail, RemovalPolicy, Settings, User},
    port::{EmailChangeRepository, MailQueue, TokenRepository, UserRepository},
    presentation::event::transport::{
        ExportAccount, ExportAccountSaga, GetUser, ListSessions, OweMail, ProveOwnPassword,
        RemoveAccountSaga, RemoveUserProcess, RequireRecentAuthentication, RevokeSessionsProcess,
        SerializeSession, SerializeUser,
    },
};

functor! {
    /// The course of a removal.
    pub struct RemoveAccount {
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, RemoveAccountSaga>> for RemoveAccount {
    async fn call(&self, mut ev: Perform<'_, RemoveAccountSaga>) -> Result<()> {
        let (current, user_id) = (ev.current.clone(), ev.current.user.id);
        let password = Arc::clone(&ev.password);
        ev.dispatch(RequireRecentAuthentication { current }).await?;
        ev.dispatch(ProveOwnPassword { user_id, password, pointer: "/password" }).await?;
        ev.dispatch(RemoveUserProcess { user_id, policy: self.settings.removal }).await
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

impl Listener<Perform<'_, RemoveUserProcess>> for RemoveUser {
    async fn call(&self, mut ev: Perform<'_, RemoveUserProcess>) -> Result<()> {
        let (context, user_id, policy) = (ev.context(), ev.user_id, ev.policy);
        self.tokens.delete_all(context, user_id).await?;
        self.changes.delete_of_user(context, user_id).await?;
        // Whoever logs in at the same time waits here, and then finds nobody.
        let found = self.users.lock(context, user_id).await?.ok_or_else(signed_out)?;
        ev.dispatch(RevokeSessionsProcess { user_id, except: None }).await?;
        self.mails.delete_all(ev.context(), user_id).await?;
        self.mails.delete_requests(ev.context(), &found.user.email).await?;
        let is_removed = match policy {
            RemovalPolicy::Anonymise => self.users.anonymise(ev.context(), user_id).await?,
            RemovalPolicy::Erase => self.users.delete(ev.context(), user_id).await?,
        };
        if is_removed {
            let User { email, locale, .. } = found.user;
            // No token is good any more, so whoever registers the address again gets another.
            end_pauses(&mut ev, &email, &[MailKind::Activation, MailKind::PasswordReset]).await?;
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
pub async fn export_account(mut ev: Perform<'_, ExportAccountSaga>) -> Result<Map<String, Value>> {
    let current = ev.current.clone();
    ev.dispatch(ExportAccount { current }).await
}

functor! {
    /// Gathers what the module keeps about a user.
    pub struct GatherAccount {
        changes: Arc<dyn EmailChangeRepository>,
    }
}

impl Listener<Perform<'_, ExportAccount>> for GatherAccount {
    async fn call(&self, mut ev: Perform<'_, ExportAccount>) -> Result<Map<String, Value>> {
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
