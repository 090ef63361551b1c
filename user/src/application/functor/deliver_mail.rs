//! Mails that are owed are sent.

use std::{sync::Arc, time::Duration};

use dullahan_core::{Listener, Perform, Result};

use crate::{
    domain::{NewOneTimeToken, OwedMail, Settings, Token, TokenPurpose},
    port::{Clock, MailQueue, Mailer, TokenGenerator, TokenRepository},
    presentation::event::transport::{
        AnswerMailRequestProcess, ClaimMailProcess, ComposeMail, DeliverMailSaga, MintTokenProcess,
        SendMail, SettleMailProcess,
    },
};

/// The course of sending one mail.
///
/// A mail that cannot be sent is postponed and the failure logged; the saga itself has done its work then.
///
/// # Errors
///
/// When the queue fails.
pub async fn deliver_mail(mut ev: Perform<'_, DeliverMailSaga>) -> Result<bool> {
    let answered = ev.dispatch(AnswerMailRequestProcess {}).await?.is_some();
    let Some(mail) = ev.dispatch(ClaimMailProcess {}).await? else { return Ok(answered) };
    let (id, attempts) = (mail.id, mail.attempts);
    let sent = send(&mut ev, mail).await;
    if let Err(error) = &sent {
        tracing::warn!(mail = %id, attempts, %error, "a mail could not be sent; it is tried again");
    }
    ev.dispatch(SettleMailProcess { id, attempts, sent: sent.is_ok() }).await?;
    Ok(true)
}

async fn send(ev: &mut Perform<'_, DeliverMailSaga>, mail: OwedMail) -> Result<()> {
    let (user_id, email_change_id) = (mail.user_id, mail.email_change_id);
    let token = match mail.kind.token_purpose() {
        Some(purpose) => {
            Some(ev.dispatch(MintTokenProcess { user_id, purpose, email_change_id }).await?)
        }
        None => None,
    };
    let message = ev.dispatch(ComposeMail { mail, token }).await?;
    ev.dispatch(SendMail { message }).await
}

functor! {
    /// Claims the next mail that is due.
    pub struct ClaimMail {
        queue: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, ClaimMailProcess>> for ClaimMail {
    async fn call(&self, ev: Perform<'_, ClaimMailProcess>) -> Result<Option<OwedMail>> {
        let now = self.clock.now();
        self.queue.claim(ev.context(), now, now + self.settings.mail_lease).await
    }
}

functor! {
    /// Mints a one-time token; its digest is stored, itself it goes into a mail.
    pub struct MintToken {
        generator: Arc<dyn TokenGenerator>,
        tokens: Arc<dyn TokenRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, MintTokenProcess>> for MintToken {
    async fn call(&self, ev: Perform<'_, MintTokenProcess>) -> Result<Token> {
        let token = self.generator.generate()?;
        let lifetime = match ev.purpose {
            TokenPurpose::Activation => self.settings.activation_lifetime,
            TokenPurpose::PasswordReset => self.settings.password_reset_lifetime,
            TokenPurpose::EmailChangeCurrent | TokenPurpose::EmailChangeNew => {
                self.settings.email_change_lifetime
            }
        };
        let new = NewOneTimeToken {
            digest: token.digest(),
            purpose: ev.purpose,
            user_id: ev.user_id,
            email_change_id: ev.email_change_id,
            expires_at: self.clock.now() + lifetime,
        };
        self.tokens.insert(ev.context(), &new).await?;
        Ok(token)
    }
}

functor! {
    /// Hands a mail over to the mailer.
    pub struct SendWithMailer {
        mailer: Arc<dyn Mailer>,
    }
}

impl Listener<Perform<'_, SendMail>> for SendWithMailer {
    async fn call(&self, ev: Perform<'_, SendMail>) -> Result<()> {
        self.mailer.send(&ev.message).await
    }
}

functor! {
    /// Writes down what came of a mail.
    pub struct SettleMail {
        queue: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
    }
}

impl SettleMail {
    /// How long to wait after so many failures: half a minute, doubled each time, an hour at most.
    fn pause(failures: u32) -> Duration {
        let doubled = 30_u64.saturating_mul(1 << failures.min(16));
        Duration::from_secs(doubled.min(3600))
    }
}

impl Listener<Perform<'_, SettleMailProcess>> for SettleMail {
    async fn call(&self, ev: Perform<'_, SettleMailProcess>) -> Result<()> {
        let now = self.clock.now();
        if ev.sent {
            return self.queue.sent(ev.context(), ev.id, now).await;
        }
        self.queue.postpone(ev.context(), ev.id, now + Self::pause(ev.attempts)).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::SettleMail;

    #[test]
    fn the_pause_doubles_up_to_an_hour() {
        let pauses: Vec<_> = [0, 1, 2, 6, 7, 99].map(SettleMail::pause).to_vec();
        assert_eq!(pauses, [30, 60, 120, 1920, 3600, 3600].map(Duration::from_secs));
    }
}
