//! What is over is forgotten.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};

use crate::{
    domain::{Settings, before},
    port::{
        AttemptRepository, Clock, EmailChangeRepository, MailQueue, SessionRepository,
        TokenRepository, UserRepository,
    },
    presentation::event::transport::{PurgeProcess, PurgeSaga},
};

/// How many rows of a table go at once, so that nobody waits for long.
const BATCH: u32 = 500;

/// The course of forgetting what is over, batch after batch.
///
/// # Errors
///
/// When the store fails; what has gone by then is gone.
pub async fn purge(mut ev: Perform<'_, PurgeSaga>) -> Result<u64> {
    let mut gone = 0;
    loop {
        match ev.dispatch(PurgeProcess { limit: BATCH }).await? {
            0 => return Ok(gone),
            batch => gone += batch,
        }
    }
}

functor! {
    /// Forgets a batch of what is over.
    pub struct PurgeStores {
        tokens: Arc<dyn TokenRepository>,
        changes: Arc<dyn EmailChangeRepository>,
        sessions: Arc<dyn SessionRepository>,
        mails: Arc<dyn MailQueue>,
        attempts: Arc<dyn AttemptRepository>,
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, PurgeProcess>> for PurgeStores {
    async fn call(&self, ev: Perform<'_, PurgeProcess>) -> Result<u64> {
        let (context, limit, now) = (ev.context(), ev.limit, self.clock.now());
        let seen_before = before(now, self.settings.session_policy.idle());
        let settled_before = before(now, self.settings.sent_mail_retention);
        let registered_before = before(now, self.settings.pending_retention);
        Ok(self.tokens.purge(context, now, limit).await?
            + self.changes.purge(context, now, limit).await?
            + self.sessions.purge(context, now, seen_before, limit).await?
            + self.mails.purge(context, settled_before, limit).await?
            + self.attempts.purge(context, now, limit).await?
            + self.users.purge_pending(context, registered_before, limit).await?)
    }
}
