//! A visitor asks for a mail, and a worker finds out whether somebody is to get it.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Listener, Result};

use crate::{
    domain::{ClientAction, MailKind, MailRequest, MailRequestKind, Settings, UserStatus},
    port::{Clock, MailQueue, UserRepository},
    presentation::event::transport::{
        AnswerMailRequestProcess, DropPendingUsers, DropSurplusPendingUsers, ForgotPasswordSaga,
        OweMail, RequestMailProcess, ResendActivationSaga, ThrottleClient,
    },
};

/// The course of asking for the activation mail once more.
///
/// # Errors
///
/// When the client asks too often, or the store fails; never because of the address.
pub async fn resend_activation(mut ev: DefaultAction<'_, ResendActivationSaga>) -> Result<()> {
    ev.dispatch(ThrottleClient { action: ClientAction::ResendActivation }).await?;
    let (email, kind) = (ev.email.clone(), MailRequestKind::Activation);
    ev.dispatch(RequestMailProcess { email, kind }).await
}

/// The course of having forgotten the password.
///
/// # Errors
///
/// When the client asks too often, or the store fails; never because of the address.
pub async fn forgot_password(mut ev: DefaultAction<'_, ForgotPasswordSaga>) -> Result<()> {
    ev.dispatch(ThrottleClient { action: ClientAction::ForgotPassword }).await?;
    let (email, kind) = (ev.email.clone(), MailRequestKind::PasswordReset);
    ev.dispatch(RequestMailProcess { email, kind }).await
}

functor! {
    /// Writes down what is asked for.
    pub struct RequestMail {
        queue: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<DefaultAction<'_, RequestMailProcess>> for RequestMail {
    async fn call(&self, ev: DefaultAction<'_, RequestMailProcess>) -> Result<()> {
        let request =
            MailRequest { email: ev.email.clone(), kind: ev.kind, requested_at: self.clock.now() };
        self.queue.request(ev.context(), &request).await
    }
}

functor! {
    /// Enqueues the requested mail for the account that holds the address, or else for the latest pending one.
    pub struct AnswerMailRequest {
        queue: Arc<dyn MailQueue>,
        users: Arc<dyn UserRepository>,
        settings: Arc<Settings>,
    }
}

impl AnswerMailRequest {
    /// Which mail a user gets.
    fn kind(&self, asked: MailRequestKind, status: UserStatus) -> Option<MailKind> {
        match (asked, status) {
            (_, UserStatus::Deactivated)
            | (MailRequestKind::Activation, UserStatus::Active | UserStatus::Closed) => None,
            (_, UserStatus::Pending) => Some(MailKind::Activation),
            // Where existence is no secret, the answer has told already.
            (MailRequestKind::Registration, UserStatus::Active | UserStatus::Closed) => {
                self.settings.enumeration_protection.then_some(MailKind::AlreadyRegistered)
            }
            // The owner of a closed account comes back with the password, or with a new one.
            (MailRequestKind::PasswordReset, UserStatus::Active | UserStatus::Closed) => {
                Some(MailKind::PasswordReset)
            }
        }
    }
}

impl Listener<DefaultAction<'_, AnswerMailRequestProcess>> for AnswerMailRequest {
    async fn call(
        &self,
        mut ev: DefaultAction<'_, AnswerMailRequestProcess>,
    ) -> Result<Option<MailRequest>> {
        let Some(request) = self.queue.take_request(ev.context(), ev.skip).await? else {
            return Ok(None);
        };
        let found = self.users.find_credentials(ev.context(), &request.email).await?;
        // It may be activated or removed at this moment.
        let found = match found {
            Some(found) => self.users.lock(ev.context(), found.user.id).await?,
            None => None,
        };
        let Some(user) = found.map(|found| found.user) else { return Ok(Some(request)) };
        if let Some(kind) = self.kind(request.kind, user.status) {
            ev.dispatch(OweMail::new(&user, kind)).await?;
        }
        if request.kind == MailRequestKind::Registration {
            if user.status == UserStatus::Pending {
                ev.dispatch(DropSurplusPendingUsers { user_id: user.id }).await?;
            } else {
                ev.dispatch(DropPendingUsers { email: user.email }).await?;
            }
        }
        Ok(Some(request))
    }
}
