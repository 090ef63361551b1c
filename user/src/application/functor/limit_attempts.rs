//! Trying too often is refused.

use std::sync::{Arc, Once};

use dullahan_core::{Event, Listener, Perform, Result};
use time::OffsetDateTime;

use crate::{
    application::fault::{allowed, is_busy},
    domain::{AttemptKey, AttemptLimit, CountedAttempt},
    port::{AddressThrottle, AttemptRepository, Clock},
    presentation::event::transport::{
        CountAttemptProcess, ForgetAttemptsProcess, GiveBackAttemptProcess, ThrottleClient,
    },
};

/// Said once, and not at each request.
static UNKNOWN_ADDRESS: Once = Once::new();

functor! {
    /// Counts what a client address asks for, in memory.
    pub struct ThrottleByAddress {
        throttle: Arc<dyn AddressThrottle>,
    }
}

impl Listener<Perform<'_, ThrottleClient>> for ThrottleByAddress {
    async fn call(&self, ev: Perform<'_, ThrottleClient>) -> Result<()> {
        if let Some(address) = ev.context().client_address() {
            return allowed(self.throttle.count(address));
        }
        if ev.context().request().is_some() {
            UNKNOWN_ADDRESS.call_once(|| {
                tracing::warn!(
                    "the addresses of clients are not known, so nobody is limited by them; the docs of the bridge \
                     say how the server tells them"
                );
            });
        }
        Ok(())
    }
}

functor! {
    /// Counts a try in the store.
    pub struct CountAttempt {
        attempts: Arc<dyn AttemptRepository>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<Perform<'_, CountAttemptProcess>> for CountAttempt {
    async fn call(&self, ev: Perform<'_, CountAttemptProcess>) -> Result<CountedAttempt> {
        self.attempts.count(ev.context(), &ev.key, ev.limit, self.clock.now()).await
    }
}

functor! {
    /// Takes the count of a try back in the store.
    pub struct GiveBackAttempt {
        attempts: Arc<dyn AttemptRepository>,
    }
}

impl Listener<Perform<'_, GiveBackAttemptProcess>> for GiveBackAttempt {
    async fn call(&self, ev: Perform<'_, GiveBackAttemptProcess>) -> Result<bool> {
        self.attempts.give_back(ev.context(), &ev.key, ev.over_at).await
    }
}

/// A try that counts.
#[derive(Clone, Copy)]
pub(super) struct CountedTry {
    key: AttemptKey,
    over_at: OffsetDateTime,
}

impl CountedTry {
    /// Counts a try, unless it is one too many.
    pub(super) async fn count<E: Event>(
        ev: &mut Perform<'_, E>,
        key: AttemptKey,
        limit: AttemptLimit,
    ) -> Result<Self> {
        let counted = ev.dispatch(CountAttemptProcess { key, limit }).await?;
        allowed(counted.attempt)?;
        Ok(Self { key, over_at: counted.over_at })
    }

    /// Gives the try back if what failed is that nobody had the time to look at it. The failure stays what it is, whatever
    /// comes of that.
    ///
    /// A client that goes away drops all of this, and its try stays counted: nobody can tell what was done by then.
    pub(super) async fn unless_busy<E: Event, T>(
        self,
        ev: &mut Perform<'_, E>,
        came: Result<T>,
    ) -> Result<T> {
        let Self { key, over_at } = self;
        if came.as_ref().is_err_and(is_busy)
            && let Err(error) = ev.dispatch(GiveBackAttemptProcess { key, over_at }).await
        {
            tracing::warn!(%error, "a try that nobody has looked at could not be given back");
        }
        came
    }
}

functor! {
    /// Forgets the tries that the store has counted.
    pub struct ForgetAttempts {
        attempts: Arc<dyn AttemptRepository>,
    }
}

impl Listener<Perform<'_, ForgetAttemptsProcess>> for ForgetAttempts {
    async fn call(&self, ev: Perform<'_, ForgetAttemptsProcess>) -> Result<()> {
        self.attempts.forget(ev.context(), &ev.key).await
    }
}
