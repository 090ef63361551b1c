//! The module, as an application adds it to its core.

use std::sync::Arc;

use dullahan_core::{CoreBuilder, Module, ProvidedBy, UnitOfWorkProvider};

use crate::{
    domain::Settings,
    infrastructure::{
        AddressLimiter, Argon2Hasher, Argon2Settings, RandomTokens, SystemClock, ZxcvbnStrength,
    },
    port::{
        AddressThrottle, AttemptRepository, Clock, EmailChangeRepository, MailQueue, Mailer,
        PasswordHasher, PasswordStrength, SessionRepository, TokenGenerator, TokenRepository,
        UserRepository,
    },
    presentation::event::listener,
};

/// The module, as an application adds it to its core.
///
/// It provides its clock, its source of tokens and its hasher itself, unless given others. What remains to be
/// provided is a store (`dullahan-user-bridge-sqlx`) and a [`Mailer`](crate::port::Mailer).
pub struct UserModule {
    settings: Settings,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn TokenGenerator>,
    hasher: Option<Arc<dyn PasswordHasher>>,
    strength: Arc<dyn PasswordStrength>,
}

impl UserModule {
    /// The module with these settings.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            clock: Arc::new(SystemClock),
            tokens: Arc::new(RandomTokens),
            hasher: None,
            strength: Arc::new(ZxcvbnStrength),
        }
    }

    /// Uses another clock, in a test say.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Uses another source of tokens.
    #[must_use]
    pub fn with_token_generator(mut self, tokens: Arc<dyn TokenGenerator>) -> Self {
        self.tokens = tokens;
        self
    }

    /// Uses another judge of passwords than zxcvbn.
    #[must_use]
    pub fn with_password_strength(mut self, strength: Arc<dyn PasswordStrength>) -> Self {
        self.strength = strength;
        self
    }

    /// Uses another hasher, or Argon2id with other settings than the default ones.
    #[must_use]
    pub fn with_password_hasher(mut self, hasher: Arc<dyn PasswordHasher>) -> Self {
        self.hasher = Some(hasher);
        self
    }
}

/// Where the stores come from.
const STORES: ProvidedBy = ProvidedBy::new(
    "dullahan-user-bridge-sqlx",
    ".module(dullahan_user_bridge_sqlx::module(store))",
);

/// Where the mailer comes from.
const MAILER: ProvidedBy = ProvidedBy::new(
    "dullahan-user-bridge-lettre",
    ".provide::<dyn Mailer>(Arc::new(dullahan_user_bridge_lettre::SmtpMailer::new(settings, from)?))",
);

impl Module for UserModule {
    fn name(&self) -> &'static str {
        "dullahan_user"
    }

    fn register(self, core: &mut CoreBuilder) {
        let hasher = self.hasher.map_or_else(
            || {
                Argon2Hasher::new(Argon2Settings::default())
                    .map(|hasher| Arc::new(hasher) as Arc<_>)
            },
            Ok,
        );
        match hasher {
            Ok(hasher) => {
                core.provide::<dyn PasswordHasher>(hasher);
            }
            Err(error) => core.report(format!("there is no password hasher: {error}")),
        }
        let throttle =
            AddressLimiter::new(self.settings.limits.by_address, Arc::clone(&self.clock));
        core.provide::<dyn AddressThrottle>(Arc::new(throttle));
        core.provide::<dyn PasswordStrength>(self.strength);
        core.provide::<dyn Clock>(self.clock);
        core.provide::<dyn TokenGenerator>(self.tokens);
        core.provide::<Settings>(Arc::new(self.settings));
        core.expects::<dyn UserRepository>(STORES)
            .expects::<dyn SessionRepository>(STORES)
            .expects::<dyn TokenRepository>(STORES)
            .expects::<dyn EmailChangeRepository>(STORES)
            .expects::<dyn MailQueue>(STORES)
            .expects::<dyn AttemptRepository>(STORES)
            .expects::<dyn UnitOfWorkProvider>(STORES)
            .expects::<dyn Mailer>(MAILER);
        listener::register(core);
    }
}

impl std::fmt::Debug for UserModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserModule").field("settings", &self.settings).finish_non_exhaustive()
    }
}
