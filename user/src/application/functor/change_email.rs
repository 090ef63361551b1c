//! An address is changed, once both mailboxes have agreed.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, Listener, Result, Violation};

use crate::{
    application::{
        errors::{email_unavailable, token_invalid},
        functor::{
            admit_mail::end_pauses,
            audit::TriedAccount,
            limit_attempts::{CountedTry, looked_up},
            void_resets::withdraw_resets,
        },
    },
    domain::{
        AttemptKey, ClientAction, EmailChange, EmailChangeId, EmailConfirmation, MailKind, Mailbox,
        NewMail, OneTimeGrant, Settings, TokenDigest, User, UserId, UserStatus, after,
    },
    port::{
        AddressChange, Clock, EmailChangeRepository, MailQueue, TokenRepository, UserRepository,
    },
    presentation::event::transport::{
        CancelEmailChangeProcess, CancelEmailChangeSaga, ChangeEmail, ConfirmEmailChangeProcess,
        ConfirmEmailChangeSaga, DropPendingUsers, OweMail, RequestEmailChangeProcess,
        RequestEmailChangeSaga, RequireRecentAuthentication, RevokeSessionsProcess, ThrottleClient,
    },
};

functor! {
    /// The course of asking for another address.
    pub struct AskForEmailChange {
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, RequestEmailChangeSaga>> for AskForEmailChange {
    async fn call(&self, mut ev: DefaultAction<'_, RequestEmailChangeSaga>) -> Result<()> {
        let (current, email) = (ev.current.clone(), ev.email.clone());
        if current.user.email == email {
            return Err(Error::invalid([Violation::new("/email", "unchanged")]));
        }
        ev.dispatch(RequireRecentAuthentication { current: current.clone() }).await?;
        let key = AttemptKey::of_user(current.user.id, "email_change");
        let counted = CountedTry::count(&mut ev, key, self.settings.limits.email_change).await?;
        let came = ev.dispatch(RequestEmailChangeProcess { user: current.user, email }).await;
        counted.unless_failed(&mut ev, came).await.map(drop)
    }
}

functor! {
    /// Writes the change down and owes the mails; whether the address is taken shows in its own mailbox only.
    pub struct RequestEmailChange {
        tokens: Arc<dyn TokenRepository>,
        changes: Arc<dyn EmailChangeRepository>,
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, RequestEmailChangeProcess>> for RequestEmailChange {
    async fn call(
        &self,
        mut ev: DefaultAction<'_, RequestEmailChangeProcess>,
    ) -> Result<EmailChange> {
        let (user_id, now) = (ev.user.id, self.clock.now());
        let change = EmailChange {
            id: EmailChangeId::new(),
            user_id,
            email: ev.email.clone(),
            confirmed_by_current: !self.settings.email_change_needs_current,
            confirmed_by_new: false,
            created_at: now,
            expires_at: after(now, self.settings.email_change_lifetime),
        };
        // What was mailed before is void: whoever asks has just proven whose the account is. So the mailbox of the
        // account gets another mail at once; the new one, which may be anybody's, does not.
        self.tokens.delete_all(ev.context(), user_id).await?;
        self.changes.replace(ev.context(), &change).await?;
        let voided = [MailKind::PasswordReset, MailKind::EmailChangeCurrent];
        let address = ev.user.email.clone();
        end_pauses(&mut ev, &address, &voided).await?;
        let owner = self.users.find_credentials(ev.context(), &change.email).await?;
        // Whoever has registered the address and not proven the mailbox does not hold it.
        let owner = owner
            .map(|owner| owner.user)
            .filter(|owner| owner.id != user_id && owner.status != UserStatus::Pending);
        let about_it =
            |kind| NewMail { email_change_id: Some(change.id), ..NewMail::new(user_id, kind) };
        let to_current =
            OweMail { mail: about_it(MailKind::EmailChangeCurrent), address: address.clone() };
        let to_new = match owner {
            Some(owner) => OweMail::new(&owner, MailKind::EmailChangeTaken),
            None => {
                let recipient = Some(change.email.clone());
                OweMail {
                    mail: NewMail { recipient, ..about_it(MailKind::EmailChangeNew) },
                    address,
                }
            }
        };
        ev.dispatch(to_current).await?;
        ev.dispatch(to_new).await?;
        Ok(change)
    }
}

/// The course of agreeing to a change of the address.
///
/// # Errors
///
/// `token_invalid` for whatever is wrong with the token; `email_unavailable` when another account has the address
/// by now.
pub async fn confirm_email_change(
    mut ev: DefaultAction<'_, ConfirmEmailChangeSaga>,
) -> Result<EmailConfirmation> {
    ev.dispatch(ThrottleClient { action: ClientAction::AnswerEmailChange }).await?;
    let digest = ev.token.as_ref().ok_or_else(token_invalid)?.digest();
    ev.dispatch(ThrottleClient { action: ClientAction::FailedLookUp }).await?;
    let came = ev.dispatch(ConfirmEmailChangeProcess { digest }).await;
    looked_up(&mut ev, came).await
}

functor! {
    /// Writes the agreement down, and with the last one has the address changed.
    pub struct ConfirmEmailChange {
        tokens: Arc<dyn TokenRepository>,
        changes: Arc<dyn EmailChangeRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, ConfirmEmailChangeProcess>> for ConfirmEmailChange {
    async fn call(
        &self,
        mut ev: DefaultAction<'_, ConfirmEmailChangeProcess>,
    ) -> Result<EmailConfirmation> {
        let (context, now) = (ev.context(), self.clock.now());
        let (mailbox, grant) =
            use_up(&*self.tokens, context, &ev.digest, now).await?.ok_or_else(token_invalid)?;
        if !self.settings.is_of_today(mailbox.token_purpose(), grant.expires_at, now) {
            return Err(token_invalid());
        }
        let id = grant.email_change_id.ok_or_else(token_invalid)?;
        let confirmed = self.changes.confirm(context, id, mailbox, now).await?;
        let change = confirmed.ok_or_else(token_invalid)?;
        let awaiting = change.awaiting();
        let user_id = change.user_id;
        if awaiting.is_empty() {
            // Those that lie in the former mailbox are of no more use.
            self.tokens.delete_all(context, user_id).await?;
            self.changes.delete(context, id).await?;
            ev.dispatch(ChangeEmail { user_id, email: change.email }).await?;
        }
        Ok(EmailConfirmation { user_id, awaiting })
    }
}

/// Uses a token up that belongs to a change of an address, and says whose mailbox it was sent to.
async fn use_up(
    tokens: &dyn TokenRepository,
    context: &dullahan_core::Context,
    digest: &TokenDigest,
    now: time::OffsetDateTime,
) -> Result<Option<(Mailbox, OneTimeGrant)>> {
    for mailbox in [Mailbox::Current, Mailbox::New] {
        let purpose = mailbox.token_purpose();
        if let Some(grant) = tokens.consume(context, digest, purpose, now).await? {
            context.insert(TriedAccount(grant.user_id));
            return Ok(Some((mailbox, grant)));
        }
    }
    Ok(None)
}

functor! {
    /// Gives the user the address, ends all sessions and tells the former mailbox.
    pub struct ChangeEmailInStore {
        users: Arc<dyn UserRepository>,
        mails: Arc<dyn MailQueue>,
    }
}

impl Listener<DefaultAction<'_, ChangeEmail>> for ChangeEmailInStore {
    async fn call(&self, mut ev: DefaultAction<'_, ChangeEmail>) -> Result<User> {
        let user_id = ev.user_id;
        let before = self.users.lock(ev.context(), user_id).await?.ok_or_else(token_invalid)?;
        let user = match self.users.change_email(ev.context(), user_id, &ev.email).await? {
            AddressChange::Changed(user) => user,
            AddressChange::Taken => return Err(email_unavailable()),
            AddressChange::NoSuchUser => return Err(token_invalid()),
        };
        withdraw_resets(&mut ev, &*self.mails, user_id, &before.user.email).await?;
        ev.dispatch(DropPendingUsers { email: user.email.clone() }).await?;
        end_pauses(&mut ev, &user.email, &[MailKind::Activation]).await?;
        ev.dispatch(RevokeSessionsProcess { user_id, except: None }).await?;
        let mail = NewMail {
            recipient: Some(before.user.email),
            ..NewMail::new(user_id, MailKind::EmailChanged)
        };
        ev.dispatch(OweMail { mail, address: user.email.clone() }).await?;
        Ok(user)
    }
}

/// The course of stopping a change of the address.
///
/// # Errors
///
/// `token_invalid` for whatever is wrong with the token.
pub async fn cancel_email_change(
    mut ev: DefaultAction<'_, CancelEmailChangeSaga>,
) -> Result<UserId> {
    ev.dispatch(ThrottleClient { action: ClientAction::AnswerEmailChange }).await?;
    let digest = ev.token.as_ref().ok_or_else(token_invalid)?.digest();
    ev.dispatch(ThrottleClient { action: ClientAction::FailedLookUp }).await?;
    let came = ev.dispatch(CancelEmailChangeProcess { digest }).await;
    looked_up(&mut ev, came).await
}

functor! {
    /// Uses the token up and deletes the change it belongs to. Where the present mailbox says so, somebody else has the
    /// password: so all sessions end, the password goes, and a mail lets the owner choose another one.
    pub struct CancelEmailChange {
        tokens: Arc<dyn TokenRepository>,
        changes: Arc<dyn EmailChangeRepository>,
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<DefaultAction<'_, CancelEmailChangeProcess>> for CancelEmailChange {
    async fn call(&self, mut ev: DefaultAction<'_, CancelEmailChangeProcess>) -> Result<UserId> {
        let (context, now) = (ev.context(), self.clock.now());
        let (mailbox, grant) =
            use_up(&*self.tokens, context, &ev.digest, now).await?.ok_or_else(token_invalid)?;
        let id = grant.email_change_id.ok_or_else(token_invalid)?;
        self.changes.delete(context, id).await?;
        let user_id = grant.user_id;
        if mailbox == Mailbox::Current {
            let owner = self.users.lock(context, user_id).await?.ok_or_else(token_invalid)?.user;
            self.users.drop_password(context, user_id).await?;
            ev.dispatch(RevokeSessionsProcess { user_id, except: None }).await?;
            ev.dispatch(OweMail::new(&owner, MailKind::PasswordReset)).await?;
        }
        Ok(user_id)
    }
}
