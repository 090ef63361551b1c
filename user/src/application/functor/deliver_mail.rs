//! Mails that are owed are sent.

use std::{sync::Arc, time::Duration};

use dullahan_core::{DefaultAction, Error, ErrorKind, Inject, Listener, Result};

use crate::{
    domain::{MailOutcome, NewOneTimeToken, OwedMail, Settings, Token, TokenPurpose, after},
    port::{
        Clock, MailQueue, MailRefused, Mailer, TokenGenerator, TokenRepository, UserRepository,
    },
    presentation::event::transport::{
        AdmitMailProcess, AnswerMailRequestProcess, ClaimMailProcess, ComposeMail, DeliverMailSaga,
        MintTokenProcess, SendMail, SettleMailProcess,
    },
};

/// How many requests that cannot be answered, for a row that cannot be read say, keep no other waiting.
const MOST_UNANSWERABLE: u32 = 10;

/// The course of sending one mail.
///
/// A mail that cannot be sent is postponed or given up, and the failure logged; the saga itself has done its work
/// then.
///
/// # Errors
///
/// When the queue fails, or a request for a mail cannot be answered, which keeps no mail that is owed from being sent.
pub async fn deliver_mail(
    mut ev: DefaultAction<'_, DeliverMailSaga>,
    settings: Inject<'_, Settings>,
) -> Result<bool> {
    let answered = answer_request(&mut ev).await;
    let delivered = deliver_owed(&mut ev, &settings).await?;
    Ok(answered? || delivered)
}

/// Answers the oldest request that can be; whether there was one.
///
/// # Errors
///
/// Why an older one could not be.
async fn answer_request(ev: &mut DefaultAction<'_, DeliverMailSaga>) -> Result<bool> {
    let mut first = None;
    for skip in 0..MOST_UNANSWERABLE {
        match ev.dispatch(AnswerMailRequestProcess { skip }).await {
            Ok(answered) => return first.map_or(Ok(answered.is_some()), Err),
            // Another one would fail for the same reason.
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
            Err(error) => {
                first.get_or_insert(error);
            }
        }
    }
    first.map_or(Ok(false), Err)
}

/// Claims the next mail that is due, sends it and writes down what came of that; whether there was one.
async fn deliver_owed(
    ev: &mut DefaultAction<'_, DeliverMailSaga>,
    settings: &Settings,
) -> Result<bool> {
    let Some(mail) = ev.dispatch(ClaimMailProcess {}).await? else { return Ok(false) };
    let (id, attempts) = (mail.id, mail.attempts);
    let outcome = if attempts < settings.mail_attempts {
        let sent = send(ev, mail).await;
        let outcome = outcome(&sent, attempts, settings);
        match (&sent, outcome) {
            (Err(error), MailOutcome::GivenUp) => {
                tracing::error!(mail = %id, attempts, %error, "a mail could not be sent; it is given up");
            }
            (Err(error), _) => {
                tracing::warn!(mail = %id, attempts, %error, "a mail could not be sent; it is tried again");
            }
            (Ok(_), _) => {}
        }
        outcome
    } else {
        // Whoever tried it the last time did not live to say what came of it.
        tracing::error!(mail = %id, attempts, "a mail was tried too often; it is given up");
        MailOutcome::GivenUp
    };
    ev.dispatch(SettleMailProcess { id, attempts, outcome }).await?;
    Ok(true)
}

/// What came of a try, after so many others.
fn outcome(sent: &Result<bool>, attempts: u32, settings: &Settings) -> MailOutcome {
    match sent {
        Ok(true) => MailOutcome::Sent,
        Ok(false) => MailOutcome::Withheld,
        Err(error) if MailRefused::is_told_by(error) => MailOutcome::GivenUp,
        Err(_) if attempts.saturating_add(1) >= settings.mail_attempts => MailOutcome::GivenUp,
        Err(_) => MailOutcome::Postponed,
    }
}

/// Sends a mail, unless its mailbox has had too many; whether it was sent.
async fn send(ev: &mut DefaultAction<'_, DeliverMailSaga>, mail: OwedMail) -> Result<bool> {
    if !mail.is_admitted && !ev.dispatch(AdmitMailProcess { mail: mail.clone() }).await? {
        return Ok(false);
    }
    let (id, user_id, email_change_id) = (mail.id, mail.user_id, mail.email_change_id);
    let token = match mail.kind.token_purpose() {
        Some(purpose) => {
            let email = mail.email.clone();
            let mint = MintTokenProcess { mail: id, user_id, email, purpose, email_change_id };
            Some(ev.dispatch(mint).await?)
        }
        None => None,
    };
    let mut message = ev.dispatch(ComposeMail { mail, token }).await?;
    message.id = Some(id);
    ev.dispatch(SendMail { message }).await.map(|()| true)
}

functor! {
    /// Claims the next mail that is due.
    pub struct ClaimMail {
        queue: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, ClaimMailProcess>> for ClaimMail {
    async fn call(&self, ev: DefaultAction<'_, ClaimMailProcess>) -> Result<Option<OwedMail>> {
        let now = self.clock.now();
        self.queue.claim(ev.context(), now, after(now, self.settings.mail_lease)).await
    }
}

functor! {
    /// Mints a one-time token; its digest is stored, itself it goes into a mail.
    pub struct MintToken {
        generator: Arc<dyn TokenGenerator>,
        tokens: Arc<dyn TokenRepository>,
        users: Arc<dyn UserRepository>,
        queue: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, MintTokenProcess>> for MintToken {
    async fn call(&self, ev: DefaultAction<'_, MintTokenProcess>) -> Result<Token> {
        // Nobody changes the address from here on until the token is stored, and a change voids the tokens that are.
        let found = self.users.lock(ev.context(), ev.user_id).await?;
        let has_moved = found.is_none_or(|found| found.user.email != ev.email);
        if has_moved && matches!(ev.purpose, TokenPurpose::Activation | TokenPurpose::PasswordReset)
        {
            return Err(Error::new(ErrorKind::Conflict)
                .with_message("the account has another address by now"));
        }
        // It was withdrawn after it had been claimed: a password was chosen meanwhile, and voids what was asked before.
        if !self.queue.is_owed(ev.context(), ev.mail).await? {
            return Err(
                Error::new(ErrorKind::Conflict).with_message("the mail is not owed any more")
            );
        }
        let token = self.generator.generate()?;
        let lifetime = self.settings.token_lifetime(ev.purpose);
        let new = NewOneTimeToken {
            digest: token.digest(),
            purpose: ev.purpose,
            user_id: ev.user_id,
            email_change_id: ev.email_change_id,
            expires_at: after(self.clock.now(), lifetime),
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

impl Listener<DefaultAction<'_, SendMail>> for SendWithMailer {
    async fn call(&self, ev: DefaultAction<'_, SendMail>) -> Result<()> {
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
        Duration::from_secs(doubled).min(OwedMail::LONGEST_PAUSE)
    }
}

impl Listener<DefaultAction<'_, SettleMailProcess>> for SettleMail {
    async fn call(&self, ev: DefaultAction<'_, SettleMailProcess>) -> Result<()> {
        let (context, id, now) = (ev.context(), ev.id, self.clock.now());
        match ev.outcome {
            MailOutcome::Sent => self.queue.sent(context, id, now).await,
            MailOutcome::Postponed => {
                self.queue.postpone(context, id, now + Self::pause(ev.attempts)).await
            }
            MailOutcome::Withheld => self.queue.withhold(context, id).await,
            MailOutcome::GivenUp => self.queue.give_up(context, id, now).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dullahan_core::Error;

    use super::{SettleMail, outcome};
    use crate::{
        domain::{MailOutcome, Settings},
        port::MailRefused,
    };

    #[test]
    fn the_pause_doubles_up_to_an_hour() {
        let pauses: Vec<_> = [0, 1, 2, 6, 7, 99].map(SettleMail::pause).to_vec();
        assert_eq!(pauses, [30, 60, 120, 1920, 3600, 3600].map(Duration::from_secs));
    }

    #[test]
    fn a_hundred_tries_take_four_days() {
        let tries = Settings::default().mail_attempts;
        let pauses: Duration = (0..tries - 1).map(SettleMail::pause).sum();
        assert_eq!(pauses.as_secs() / 3600, 4 * 24 - 3);
    }

    #[test]
    fn what_is_refused_for_good_or_was_tried_too_often_is_given_up() {
        let settings = Settings { mail_attempts: 3, ..Settings::default() };
        let down = || Err(Error::unavailable("down"));
        assert_eq!(outcome(&Ok(true), 2, &settings), MailOutcome::Sent);
        assert_eq!(outcome(&Ok(false), 0, &settings), MailOutcome::Withheld);
        assert_eq!(outcome(&down(), 1, &settings), MailOutcome::Postponed);
        assert_eq!(outcome(&down(), 2, &settings), MailOutcome::GivenUp);
        assert_eq!(outcome(&down(), u32::MAX, &settings), MailOutcome::GivenUp);
        let refused = Err(MailRefused::error("no such mailbox"));
        assert_eq!(outcome(&refused, 0, &settings), MailOutcome::GivenUp);
    }
}
