//! Mails that are owed are sent.

use std::{sync::Arc, time::Duration};

use dullahan_core::{Error, Listener, Perform, Result};

use crate::{
    domain::{MailKind, MailMessage, OwedMail, Settings, Token, TokenPurpose},
    port::{Clock, MailQueue, Mailer, TokenGenerator, TokenRepository},
    presentation::event::transport::{
        ClaimMailProcess, ComposeMail, DeliverMailSaga, MintTokenProcess, SendMail,
        SettleMailProcess,
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
    let Some(mail) = ev.dispatch(ClaimMailProcess {}).await? else { return Ok(false) };
    let (id, attempts) = (mail.id, mail.attempts);
    let sent = send(&mut ev, mail).await;
    if let Err(error) = &sent {
        tracing::warn!(mail = %id, attempts, %error, "a mail could not be sent; it is tried again");
    }
    ev.dispatch(SettleMailProcess { id, attempts, sent: sent.is_ok() }).await?;
    Ok(true)
}

async fn send(ev: &mut Perform<'_, DeliverMailSaga>, mail: OwedMail) -> Result<()> {
    let user_id = mail.user_id;
    let token = match mail.kind {
        MailKind::Activation => {
            let purpose = TokenPurpose::Activation;
            Some(ev.dispatch(MintTokenProcess { user_id, purpose }).await?)
        }
        MailKind::AlreadyRegistered => None,
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
        };
        let expires_at = self.clock.now() + lifetime;
        let digest = token.digest();
        self.tokens.insert(ev.context(), &digest, ev.purpose, ev.user_id, expires_at).await?;
        Ok(token)
    }
}

functor! {
    /// Writes the mail, in English.
    pub struct ComposeMailText {
        settings: Arc<Settings>,
    }
}

impl ComposeMailText {
    fn activation(&self, token: &str) -> (String, String) {
        let service = &self.settings.service_name;
        let hours = self.settings.activation_lifetime.as_secs() / 3600;
        let how = match &self.settings.activation_link {
            Some(link) => format!("open this page:\n\n{}", link.replace("{token}", token)),
            None => format!("enter this token:\n\n{token}"),
        };
        (
            format!("Activate your account at {service}"),
            format!(
                "somebody, we hope you, has registered this address at {service}.\n\n\
                 To activate the account, {how}\n\n\
                 It is good for {hours} hours. If it was not you, do nothing: the account stays inactive."
            ),
        )
    }

    fn already_registered(&self) -> (String, String) {
        let service = &self.settings.service_name;
        (
            format!("You already have an account at {service}"),
            format!(
                "somebody, perhaps you, has tried to register this address at {service}, where it has an \
                 account already.\n\nNothing has changed. If it was you, log in instead; if it was not, you \
                 need not do anything."
            ),
        )
    }
}

impl Listener<Perform<'_, ComposeMail>> for ComposeMailText {
    async fn call(&self, ev: Perform<'_, ComposeMail>) -> Result<MailMessage> {
        let (subject, body) = match (ev.mail.kind, &ev.token) {
            (MailKind::Activation, Some(token)) => self.activation(&token.expose()),
            (MailKind::Activation, None) => {
                return Err(Error::internal("an activation mail needs a token"));
            }
            (MailKind::AlreadyRegistered, _) => self.already_registered(),
        };
        let greeting = match &ev.mail.display_name {
            Some(name) => format!("Hello {},", name.as_str()),
            None => "Hello,".to_owned(),
        };
        let text = format!("{greeting}\n\n{body}\n");
        Ok(MailMessage { to: ev.mail.email.clone(), subject, text })
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
