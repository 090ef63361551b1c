//! An application to be asked.

use std::{any::Any, fmt, sync::Arc};

use dullahan_core::{BuildError, Core, Module};
use parking_lot::Mutex;
use time::{Duration, OffsetDateTime};

use crate::{
    UserModule,
    domain::Settings,
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::{Clock, Mailer},
    presentation::http::{HttpSettings, UserHttp},
    testing::{Mailbox, samples::NOW},
};

/// An application to be asked: the module over an empty store, at a moment that does not pass.
pub struct Stage {
    users: UserHttp,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) clock: Arc<StandingClock>,
    kept: Option<Box<dyn Any + Send + Sync>>,
}

/// A clock that stands until it is set.
pub(super) struct StandingClock(Mutex<OffsetDateTime>);

impl StandingClock {
    /// Goes back by this time, or forward by a negative one.
    pub(super) fn set_back(&self, time: Duration) {
        *self.0.lock() -= time;
    }
}

impl Clock for StandingClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock()
    }
}

impl Stage {
    /// The application over the stores of an adapter's module.
    ///
    /// # Errors
    ///
    /// When the module does not provide every port.
    pub fn new(stores: impl Module) -> Result<Self, BuildError> {
        let mailbox = Arc::new(Mailbox::default());
        let clock = Arc::new(StandingClock(Mutex::new(NOW)));
        let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests()).unwrap();
        let module = UserModule::new(Settings::default())
            .with_clock(Arc::clone(&clock) as _)
            .with_password_hasher(Arc::new(hasher));
        let core = Core::builder()
            .module(module)
            .module(stores)
            .provide::<dyn Mailer>(Arc::clone(&mailbox) as _)
            .build()?;
        // Every row of the table comes from an address of its own.
        let settings = HttpSettings {
            trusted_proxies: "127.0.0.1, ::1".parse().unwrap(),
            shows_openapi: true,
            ..HttpSettings::default()
        };
        let users = UserHttp::new(core, settings).unwrap();
        Ok(Self { users, mailbox, clock, kept: None })
    }

    /// Keeps something for as long as the stage, such as the folder of the store.
    #[must_use]
    pub fn keeping(mut self, kept: impl Any + Send + Sync) -> Self {
        self.kept = Some(Box::new(kept));
        self
    }

    /// The contract, for a bridge to mount.
    pub fn users(&self) -> &UserHttp {
        &self.users
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("kept", &self.kept.is_some()).finish_non_exhaustive()
    }
}
