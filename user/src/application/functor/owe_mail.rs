//! A mail is put into the queue.

use std::{sync::Arc, time::Duration};

use dullahan_core::{Event, Listener, Perform, Result};

use crate::{
    domain::{Attempt, AttemptKey, AttemptLimit, EmailAddress, MailKind, Settings},
    port::{AttemptRepository, Clock, MailQueue},
    presentation::event::transport::{ForgetAttemptsProcess, OweMail},
};

functor! {
    /// Puts a mail into the queue, in the unit of work of whatever owes it, unless its mailbox has had too many.
    pub struct PutIntoMailQueue {
        queue: Arc<dyn MailQueue>,
        attempts: Arc<dyn AttemptRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl PutIntoMailQueue {
    /// How long mails of a kind pause: no longer than the token of the first one is good for.
    fn pause(&self, kind: MailKind) -> Duration {
        let lifetime = kind.token_purpose().map(|purpose| self.settings.token_lifetime(purpose));
        self.settings.mail_pause.min(lifetime.unwrap_or(Duration::MAX))
    }
}

impl Listener<Perform<'_, OweMail>> for PutIntoMailQueue {
    async fn call(&self, ev: Perform<'_, OweMail>) -> Result<bool> {
        let (context, kind, now) = (ev.context(), ev.mail.kind, self.clock.now());
        // Of each change its owner is told, however soon it follows the one before.
        if kind.is_notice() {
            return self.queue.owe(context, &ev.mail, now).await;
        }
        let limits = [
            (AttemptKey::of_mails(ev.mailbox(), kind), AttemptLimit::new(1, self.pause(kind))),
            (AttemptKey::of_mailbox(ev.mailbox()), self.settings.mailbox_limit),
        ];
        let mut counted = Vec::with_capacity(limits.len());
        let mut is_allowed = true;
        for (key, limit) in &limits {
            let count = self.attempts.count(context, key, *limit, now).await?;
            if count.attempt != Attempt::Allowed {
                is_allowed = false;
                break;
            }
            counted.push((key, count.over_at));
        }
        if is_allowed && self.queue.owe(context, &ev.mail, now).await? {
            return Ok(true);
        }
        // There is no mail, so none counts.
        for (key, over_at) in counted {
            self.attempts.give_back(context, key, over_at).await?;
        }
        Ok(false)
    }
}

/// Ends the pauses of these kinds for a mailbox, as the tokens of the mails that it has got are void.
///
/// # Errors
///
/// When the store fails.
pub(super) async fn end_pauses<E: Event>(
    ev: &mut Perform<'_, E>,
    mailbox: &EmailAddress,
    kinds: &[MailKind],
) -> Result<()> {
    for kind in kinds {
        ev.dispatch(ForgetAttemptsProcess { key: AttemptKey::of_mails(mailbox, *kind) }).await?;
    }
    Ok(())
}
