//! Trying too often is refused.

use std::sync::Arc;

use dullahan_core::{DefaultAction, ErrorKind, Event, Listener, Result};
use time::OffsetDateTime;

use crate::{
    application::errors::{allowed, is_token_invalid},
    domain::{AttemptKey, AttemptLimit, ClientAction, CountedAttempt},
    port::{AddressThrottle, AttemptRepository, Clock},
    presentation::event::transport::{
        CountAttemptProcess, CountClientFailure, ForgetAttemptsProcess, GiveBackAttemptProcess,
        ThrottleClient,
    },
};

functor! {
    /// Counts what a client address asks for, in memory. Of a failure it says whether there were too many.
    pub struct ThrottleByAddress {
        throttle: Arc<dyn AddressThrottle>,
    }
}

impl Listener<DefaultAction<'_, ThrottleClient>> for ThrottleByAddress {
    async fn call(&self, ev: DefaultAction<'_, ThrottleClient>) -> Result<()> {
        let Some(address) = ev.context().client_address() else { return Ok(()) };
        if ev.action.is_failure() {
            return allowed(self.throttle.check(address, ev.action));
        }
        allowed(self.throttle.count(address, ev.action))
    }
}

functor! {
    /// Counts a failure of a client address, in memory.
    pub struct CountFailureByAddress {
        throttle: Arc<dyn AddressThrottle>,
    }
}

impl Listener<DefaultAction<'_, CountClientFailure>> for CountFailureByAddress {
    async fn call(&self, ev: DefaultAction<'_, CountClientFailure>) -> Result<()> {
        if let Some(address) = ev.context().client_address() {
            // Whoever comes next is told if it was one too many.
            let _ = match &ev.key {
                Some(key) => self.throttle.count_once(address, ev.action, key),
                None => self.throttle.count(address, ev.action),
            };
        }
        Ok(())
    }
}

/// Counts a failure of the client if a token of a mail was looked up in vain.
pub(super) async fn looked_up<E: Event, T>(
    ev: &mut DefaultAction<'_, E>,
    came: Result<T>,
) -> Result<T> {
    if came.as_ref().is_err_and(is_token_invalid) {
        ev.dispatch(CountClientFailure { action: ClientAction::FailedLookUp, key: None }).await?;
    }
    came
}

functor! {
    /// Counts a try in the store.
    pub struct CountAttempt {
        attempts: Arc<dyn AttemptRepository>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<DefaultAction<'_, CountAttemptProcess>> for CountAttempt {
    async fn call(&self, ev: DefaultAction<'_, CountAttemptProcess>) -> Result<CountedAttempt> {
        self.attempts.count(ev.context(), &ev.key, ev.limit, self.clock.now()).await
    }
}

functor! {
    /// Takes the count of a try back in the store.
    pub struct GiveBackAttempt {
        attempts: Arc<dyn AttemptRepository>,
    }
}

impl Listener<DefaultAction<'_, GiveBackAttemptProcess>> for GiveBackAttempt {
    async fn call(&self, ev: DefaultAction<'_, GiveBackAttemptProcess>) -> Result<bool> {
        self.attempts.give_back(ev.context(), &ev.key, ev.over_at).await
    }
}

/// What the tries of the login that is going on are counted for. They are forgotten once it has opened a session.
#[derive(Clone, Copy)]
pub(super) struct TriedKey(pub(super) AttemptKey);

/// A try that counts. Until it is judged it is in the context, so that it can be given back when the server gives up.
#[derive(Clone, Copy)]
pub(crate) struct CountedTry {
    key: AttemptKey,
    over_at: OffsetDateTime,
}

impl CountedTry {
    /// Counts a try, unless it is one too many.
    pub(super) async fn count<E: Event>(
        ev: &mut DefaultAction<'_, E>,
        key: AttemptKey,
        limit: AttemptLimit,
    ) -> Result<Self> {
        let counted = ev.dispatch(CountAttemptProcess { key, limit }).await?;
        allowed(counted.attempt)?;
        let counted = Self { key, over_at: counted.over_at };
        ev.context().insert(counted);
        Ok(counted)
    }

    /// Gives the try back if the service has failed: nobody had the time to look at the password, or it was the right one
    /// and something else went wrong. The failure stays what it is, whatever comes of that.
    ///
    /// A client that goes away drops all of this, and its try stays counted: nobody can tell what was done by then.
    pub(super) async fn unless_failed<E: Event, T>(
        self,
        ev: &mut DefaultAction<'_, E>,
        came: Result<T>,
    ) -> Result<T> {
        ev.context().remove::<Self>();
        let has_failed = came.as_ref().is_err_and(|error| {
            matches!(error.kind(), ErrorKind::Internal | ErrorKind::Unavailable)
        });
        if has_failed && let Err(error) = ev.dispatch(self.to_give_back()).await {
            tracing::warn!(%error, "a try that the service has failed could not be given back");
        }
        came
    }

    /// What gives it back.
    pub(crate) fn to_give_back(self) -> GiveBackAttemptProcess {
        GiveBackAttemptProcess { key: self.key, over_at: self.over_at }
    }
}

functor! {
    /// Forgets the tries that the store has counted.
    pub struct ForgetAttempts {
        attempts: Arc<dyn AttemptRepository>,
    }
}

impl Listener<DefaultAction<'_, ForgetAttemptsProcess>> for ForgetAttempts {
    async fn call(&self, ev: DefaultAction<'_, ForgetAttemptsProcess>) -> Result<()> {
        self.attempts.forget(ev.context(), &ev.key).await
    }
}
