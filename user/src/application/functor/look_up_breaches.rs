//! A password is looked up among those that were breached.

use std::sync::Arc;

use dullahan_core::{After, Error, ErrorKind, Listener, Result, Violation};

use crate::{
    domain::{LookupFailure, PasswordFingerprint, PasswordWeakness},
    port::BreachedPasswords,
    presentation::event::transport::CheckPassword,
};

/// Refuses a password that was breached, once everything else accepts it.
///
/// `RefuseBreachedPasswords` adds it.
pub struct LookUpBreaches {
    breached: Arc<dyn BreachedPasswords>,
    on_failure: LookupFailure,
}

impl LookUpBreaches {
    /// The functor with its port, and what to do when that fails.
    pub fn new(breached: Arc<dyn BreachedPasswords>, on_failure: LookupFailure) -> Self {
        Self { breached, on_failure }
    }
}

impl Listener<After<'_, CheckPassword>> for LookUpBreaches {
    async fn call(&self, ev: After<'_, CheckPassword>) -> Result<()> {
        let fingerprint = PasswordFingerprint::of(&ev.password);
        match (self.breached.is_breached(&fingerprint).await, self.on_failure) {
            (Ok(false), _) => Ok(()),
            (Ok(true), _) => {
                let code = PasswordWeakness::Compromised.as_str();
                Err(Error::invalid([Violation::new(ev.pointer, code)]))
            }
            (Err(error), LookupFailure::LetPass) => {
                tracing::warn!(
                    %error,
                    "a password could not be looked up among the breached ones; it is accepted"
                );
                Ok(())
            }
            (Err(error), LookupFailure::Refuse) if error.kind() == ErrorKind::Unavailable => {
                Err(error)
            }
            (Err(error), LookupFailure::Refuse) => Err(Error::unavailable(error)),
        }
    }
}

impl std::fmt::Debug for LookUpBreaches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LookUpBreaches")
    }
}
