//! A visitor asks for a mail, and a worker finds out whether somebody is to get it.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};

use crate::{
    domain::{MailKind, MailRequest, MailRequestKind, NewMail, UserStatus},
    port::{Clock, MailQueue, UserRepository},
    presentation::event::transport::{
        AnswerMailRequestProcess, ForgotPasswordSaga, OweMail, RequestMailProcess,
        ResendActivationSaga, ThrottleClient,
    },
};

/// The course of asking for the activation mail once more.
///
/// # Errors
///
/// When the client asks too often, or the store fails; never because of the address.
pub async fn resend_activation(mut ev: Perform<'_, ResendActivationSaga>) -> Result<()> {
    ev.dispatch(ThrottleClient {}).await?;
    let (email, kind) = (ev.email.clone(), MailRequestKind::Activation);
    ev.dispatch(RequestMailProcess { email, kind }).await
}

/// The course of having forgotten the password.
///
/// # Errors
///
/// When the client asks too often, or the store fails; never because of the address.
pub async fn forgot_password(mut ev: Perform<'_, ForgotPasswordSaga>) -> Result<()> {
    ev.dispatch(ThrottleClient {}).await?;
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

impl Listener<Perform<'_, RequestMailProcess>> for RequestMail {
    async fn call(&self, ev: Perform<'_, RequestMailProcess>) -> Result<()> {
        let request =
            MailRequest { email: ev.email.clone(), kind: ev.kind, requested_at: self.clock.now() };
        self.queue.request(ev.context(), &request).await
    }
}

functor! {
    /// Owes the mail that was asked for to whoever has the address, if anybody has.
    pub struct AnswerMailRequest {
        queue: Arc<dyn MailQueue>,
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<Perform<'_, AnswerMailRequestProcess>> for AnswerMailRequest {
    async fn call(
        &self,
        mut ev: Perform<'_, AnswerMailRequestProcess>,
    ) -> Result<Option<MailRequest>> {
        let Some(request) = self.queue.take_request(ev.context(), ev.skip).await? else {
            return Ok(None);
        };
        let found = self.users.find_credentials(ev.context(), &request.email).await?;
        // A registration may be dropping its password at this moment.
        let found = match found {
            Some(found) => self.users.lock(ev.context(), found.user.id).await?,
            None => None,
        };
        let kind = found.as_ref().and_then(|found| match (request.kind, found.user.status) {
            (_, UserStatus::Deactivated) => None,
            (MailRequestKind::Activation, UserStatus::Active) => None,
            (MailRequestKind::Activation, UserStatus::Pending) => Some(
                found
                    .password_hash
                    .as_ref()
                    .map_or(MailKind::CompleteRegistration, |_| MailKind::Activation),
            ),
            // The token proves the mailbox, so a pending user may choose a password just as well.
            (MailRequestKind::PasswordReset, _) => Some(MailKind::PasswordReset),
        });
        let user = found.map(|found| found.user);
        if let (Some(user), Some(kind)) = (user, kind) {
            ev.dispatch(OweMail { mail: NewMail::new(user.id, kind) }).await?;
        }
        Ok(Some(request))
    }
}
