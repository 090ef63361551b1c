//! The look-up of breached passwords, as an application adds it to its core.

use std::sync::Arc;

use dullahan_core::{CoreBuilder, ListenerOptions as _, Module, Priority};

use crate::{
    application::functor::LookUpBreaches, domain::LookupFailure, port::BreachedPasswords,
    presentation::event::transport::CheckPassword,
};

/// Refuses passwords that were breached, with `compromised`: at registration, change and reset alike.
///
/// It asks the [`BreachedPasswords`] that the application provides (`dullahan-user-bridge-reqwest`), after
/// [`CheckPassword`]: so only about a password that everything else accepts. Nothing is stored by then, so no unit of work
/// waits for the answer, unless a listener of the application's own has begun one in `ValidateRegistrationProcess`.
///
/// ```
/// use dullahan_core::CoreBuilder;
/// use dullahan_user::{RefuseBreachedPasswords, domain::LookupFailure};
///
/// fn register(core: &mut CoreBuilder) {
///     core.module(RefuseBreachedPasswords::new().when_lookup_fails(LookupFailure::Refuse));
/// }
/// ```
///
/// # Rule
///
/// ASVS 5.0 item 6.2.12, NIST SP 800-63B-4 section 3.1.1.2.
#[derive(Debug, Clone, Copy, Default)]
pub struct RefuseBreachedPasswords {
    on_failure: LookupFailure,
}

impl RefuseBreachedPasswords {
    /// The look-up; a password that cannot be looked up is accepted, and a warning logged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what becomes of a password that cannot be looked up.
    #[must_use]
    pub const fn when_lookup_fails(mut self, on_failure: LookupFailure) -> Self {
        self.on_failure = on_failure;
        self
    }
}

impl Module for RefuseBreachedPasswords {
    fn name(&self) -> &'static str {
        "dullahan_user_refuse_breached_passwords"
    }

    fn register(self, core: &mut CoreBuilder) {
        core.event::<CheckPassword>().after(
            (move |breached: Arc<dyn BreachedPasswords>| {
                LookUpBreaches::new(breached, self.on_failure)
            })
            .priority(Priority::LAST),
        );
    }
}
