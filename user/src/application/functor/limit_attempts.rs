//! Trying too often is refused.

use std::sync::{Arc, Once};

use dullahan_core::{Listener, Perform, Result};

use crate::{
    application::fault::allowed,
    domain::Attempt,
    port::{AddressThrottle, AttemptRepository, Clock},
    presentation::event::transport::{CountAttemptProcess, ForgetAttemptsProcess, ThrottleClient},
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
    async fn call(&self, ev: Perform<'_, CountAttemptProcess>) -> Result<Attempt> {
        self.attempts.count(ev.context(), &ev.key, ev.limit, self.clock.now()).await
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
