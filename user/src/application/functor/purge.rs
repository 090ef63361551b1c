//! What is over is forgotten.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Inject, Listener, Result};
use time::OffsetDateTime;

use crate::{
    domain::{Settings, before},
    port::{
        AttemptRepository, Clock, EmailChangeRepository, MailQueue, SessionRepository,
        TokenRepository, UserRepository,
    },
    presentation::event::transport::{PurgeProcess, PurgeSaga, RemoveClosedUserProcess},
};

/// How many rows of a table go at once, so that nobody waits for long.
const BATCH: u32 = 500;

/// The course of forgetting what is over, batch after batch, and of removing the accounts that were closed long enough.
///
/// # Errors
///
/// When the store fails, or an account cannot be removed, which keeps no other from being removed. What has gone by then is
/// gone.
pub async fn purge(
    mut ev: DefaultAction<'_, PurgeSaga>,
    users: Inject<'_, dyn UserRepository>,
    clock: Inject<'_, dyn Clock>,
) -> Result<u64> {
    let mut gone = 0;
    loop {
        match ev.dispatch(PurgeProcess { limit: BATCH }).await? {
            0 => break,
            batch => gone += batch,
        }
    }
    Ok(gone + remove_closed(&mut ev, &*users, clock.now()).await?)
}

/// Removes the accounts that were closed long enough, each in a process of its own; how many it were.
async fn remove_closed(
    ev: &mut DefaultAction<'_, PurgeSaga>,
    users: &dyn UserRepository,
    now: OffsetDateTime,
) -> Result<u64> {
    let (mut gone, mut failed) = (0, None);
    loop {
        let before = gone;
        for user_id in users.find_closed(ev.context(), now, BATCH).await? {
            match ev.dispatch(RemoveClosedUserProcess { user_id }).await {
                Ok(is_removed) => gone += u64::from(is_removed),
                Err(error) => {
                    tracing::error!(user = %user_id, %error, "a closed account could not be removed");
                    failed = Some(error);
                }
            }
        }
        // Only those are left that could not be.
        if gone == before {
            return failed.map_or(Ok(gone), Err);
        }
        failed = None;
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

impl Listener<DefaultAction<'_, PurgeProcess>> for PurgeStores {
    async fn call(&self, ev: DefaultAction<'_, PurgeProcess>) -> Result<u64> {
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
