//! The module, as an application adds it to its core.

use std::{sync::Arc, time::Duration};

use dullahan_core::{
    CoreBuilder, Module, defect::ProvidedBy, service::Services, unit_of_work::UnitOfWorkProvider,
};

use crate::{
    domain::{AuditKey, Settings},
    infrastructure::{
        AddressLimiter, Argon2Hasher, Argon2Settings, RandomTokens, SystemClock, ZxcvbnStrength,
        random_audit_key,
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
    /// The name of the module in dumps and for listeners to all of its sagas: `core.every_saga().of_module(UserModule::NAME)`.
    pub const NAME: &'static str = "dullahan_user";

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
        Self::NAME
    }

    fn register(self, core: &mut CoreBuilder) {
        if let Err(invalid) = self.settings.check() {
            for defect in invalid.defects() {
                core.report(defect.to_string());
            }
        }
        match self.settings.audit_key.clone().map_or_else(random_audit_key, Ok) {
            Ok(key) => {
                core.provide::<AuditKey>(Arc::new(key));
            }
            Err(error) => core.report(format!("there is no key for the audit: {error}")),
        }
        let lease = self.settings.mail_lease;
        core.verify(move |services| outlasting_mailer(services, lease).into_iter().collect());
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
        listener::register(core, Self::NAME);
    }
}

/// The mailer has to be done with a mail before another worker takes it.
fn outlasting_mailer(services: &Services, lease: Duration) -> Option<String> {
    let time_out = services.get::<dyn Mailer>()?.time_out()?;
    (lease <= time_out).then(|| {
        format!(
            "`Settings::mail_lease` is {lease:?}: the mailer takes up to {time_out:?} for one mail, so another worker would \
             send it meanwhile; set the lease to more than that, or the time-out of the mailer to less"
        )
    })
}

impl std::fmt::Debug for UserModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserModule").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use dullahan_core::{BoxFuture, Core, Result};

    use crate::{
        UserModule,
        domain::{MailMessage, Settings},
        port::Mailer,
    };

    /// A mailer that takes so long.
    struct Slow(Option<Duration>);

    impl Mailer for Slow {
        fn send<'a>(&'a self, _: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
            Box::pin(async { Ok(()) })
        }

        fn time_out(&self) -> Option<Duration> {
            self.0
        }
    }

    /// What `build()` says, among what it says of the stores that are missing here.
    fn report(settings: Settings, time_out: Option<Duration>) -> String {
        let mut core = Core::builder();
        core.module(UserModule::new(settings)).provide::<dyn Mailer>(Arc::new(Slow(time_out)));
        core.build().unwrap_err().to_string()
    }

    #[test]
    fn user_17_settings_that_contradict_each_other_are_defects_of_the_wiring() {
        let settings = Settings {
            activation_link: Some("https://app.example/activate#{Token}".to_owned()),
            mail_attempts: 0,
            ..Settings::default()
        };
        let report = report(settings, None);
        for told in [
            "`dullahan_user` cannot be set up: `Settings::activation_link` is \
             \"https://app.example/activate#{Token}\": `{Token}` is not a placeholder",
            "a mail would have a link without a token",
            "`Settings::mail_attempts` is 0: no mail would ever be sent; set it to 1 or more",
            "dullahan-user-bridge-sqlx",
        ] {
            assert!(report.contains(told), "{told} is not in {report}");
        }
    }

    #[test]
    fn user_17_a_lease_outlasts_the_time_out_of_the_mailer() {
        let lease = Settings::default().mail_lease;
        for (time_out, is_told) in [
            (None, false),
            (Some(lease - Duration::from_millis(1)), false),
            (Some(lease), true),
            (Some(Duration::MAX), true),
        ] {
            let report = report(Settings::default(), time_out);
            assert_eq!(report.contains("`Settings::mail_lease` is 60s"), is_told, "{report}");
        }
    }
}
