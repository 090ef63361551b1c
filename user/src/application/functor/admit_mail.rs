//! A mailbox gets so many mails and no more.

use std::{sync::Arc, time::Duration};

use dullahan_core::{DefaultAction, Event, Listener, Result};

use crate::{
    domain::{Attempt, AttemptKey, AttemptLimit, EmailAddress, MailKind, Settings},
    port::{AttemptRepository, Clock, MailQueue},
    presentation::event::transport::{AdmitMailProcess, ForgetAttemptsProcess},
};

functor! {
    /// Counts a mail for its mailbox, unless that has had too many. Notices do not count: of each change its owner is told,
    /// however soon it follows the one before.
    pub struct CountMail {
        queue: Arc<dyn MailQueue>,
        attempts: Arc<dyn AttemptRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl CountMail {
    /// How long mails of a kind pause: no longer than the token of the first one is good for.
    fn pause(&self, kind: MailKind) -> AttemptLimit {
        let lifetime = kind.token_purpose().map(|purpose| self.settings.token_lifetime(purpose));
        AttemptLimit::new(1, self.settings.mail_pause.min(lifetime.unwrap_or(Duration::MAX)))
    }
}

impl Listener<DefaultAction<'_, AdmitMailProcess>> for CountMail {
    async fn call(&self, ev: DefaultAction<'_, AdmitMailProcess>) -> Result<bool> {
        let (context, mail, now) = (ev.context(), &ev.mail, self.clock.now());
        // The mail before its counts, as all do that change both.
        if !self.queue.admit(context, mail.id).await? {
            return Ok(false);
        }
        if mail.kind.is_notice() {
            return Ok(true);
        }
        let pause = AttemptKey::of_mails(&mail.email, mail.kind);
        let counted = self.attempts.count(context, &pause, self.pause(mail.kind), now).await?;
        if counted.attempt != Attempt::Allowed {
            return Ok(false);
        }
        let (day, limit) = (AttemptKey::of_mailbox(&mail.email), self.settings.mailbox_limit);
        let is_allowed =
            self.attempts.count(context, &day, limit, now).await?.attempt == Attempt::Allowed;
        if !is_allowed {
            // It is not sent, so it keeps no other waiting.
            self.attempts.give_back(context, &pause, counted.over_at).await?;
            tracing::warn!(mail = %mail.id, kind = mail.kind.as_str(), "a mailbox has had too many mails; this one is not sent");
        }
        Ok(is_allowed)
    }
}

/// Ends the pauses of these kinds for a mailbox, as the tokens of the mails that it has got are void.
///
/// # Errors
///
/// When the store fails.
pub(super) async fn end_pauses<E: Event>(
    ev: &mut DefaultAction<'_, E>,
    mailbox: &EmailAddress,
    kinds: &[MailKind],
) -> Result<()> {
    for kind in kinds {
        ev.dispatch(ForgetAttemptsProcess { key: AttemptKey::of_mails(mailbox, *kind) }).await?;
    }
    Ok(())
}
