//! Trying too often is refused.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};

use crate::{
    application::fault::allowed,
    domain::Attempt,
    port::{AddressThrottle, AttemptRepository, Clock},
    presentation::event::transport::{CountAttemptProcess, ForgetAttemptsProcess, ThrottleClient},
};

functor! {
    /// Counts what a client address asks for, in memory.
    pub struct ThrottleByAddress {
        throttle: Arc<dyn AddressThrottle>,
    }
}

impl Listener<Perform<'_, ThrottleClient>> for ThrottleByAddress {
    async fn call(&self, ev: Perform<'_, ThrottleClient>) -> Result<()> {
        ev.context()
            .client_address()
            .map_or(Ok(()), |address| allowed(self.throttle.count(address)))
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
