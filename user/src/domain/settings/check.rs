//! Settings that contradict themselves or each other.

use std::time::Duration;

use super::{Settings, link};
use crate::domain::{Check, DisplayName, InvalidSettings};

/// Mails tell how long a token is good for in whole minutes.
const LEAST_LIFETIME: Duration = Duration::from_mins(1);

/// What a worker needs to write a mail and to hand it over, at the least.
const LEAST_LEASE: Duration = Duration::from_secs(10);

impl Settings {
    /// A line for each setting, in their order. A new one does not compile until it has its own.
    pub(crate) fn check(&self) -> Result<(), InvalidSettings> {
        let Self {
            service_name,
            password_policy,
            session_policy,
            enumeration_protection: _,
            password_at_activation: _,
            activation_grace: _,
            pending_retention,
            activation_lifetime,
            activation_link,
            password_reset_lifetime,
            password_reset_link,
            email_change_lifetime,
            email_change_link,
            email_cancel_link,
            email_change_needs_current: _,
            mail_pause: _,
            mailbox_limit,
            mail_lease,
            mail_attempts,
            limits,
            reauthenticate_after,
            removal_grace: _,
            removal: _,
            sent_mail_retention: _,
            audit_key: _,
        } = self;
        let mut check = Check::of("Settings");
        check_name(&mut check, service_name);
        check.nested("password_policy", |check| password_policy.check_settings(check));
        check.nested("session_policy", |check| session_policy.check_settings(check));
        let reason = "a registration is deleted before its mail is read";
        check.at_least("pending_retention", *pending_retention, LEAST_LIFETIME, reason);
        check_lifetime(&mut check, "activation_lifetime", *activation_lifetime);
        check_link(&mut check, "activation_link", activation_link.as_deref());
        check_lifetime(&mut check, "password_reset_lifetime", *password_reset_lifetime);
        check_link(&mut check, "password_reset_link", password_reset_link.as_deref());
        check_lifetime(&mut check, "email_change_lifetime", *email_change_lifetime);
        check_link(&mut check, "email_change_link", email_change_link.as_deref());
        check_link(&mut check, "email_cancel_link", email_cancel_link.as_deref());
        check.nested("mailbox_limit", |check| mailbox_limit.check_settings(check));
        let reason = "another worker would send a mail while the first one still does";
        check.at_least("mail_lease", *mail_lease, LEAST_LEASE, reason);
        check.at_least("mail_attempts", *mail_attempts, 1, "no mail would ever be sent");
        check.nested("limits", |check| limits.check_settings(check));
        let reason = "a proof of the password would be too old as soon as it is given";
        check.at_least("reauthenticate_after", *reauthenticate_after, LEAST_LIFETIME, reason);
        check.finish()
    }
}

/// It stands in the subjects of mails, and is to be seen.
fn check_name(check: &mut Check, name: &str) {
    if let Err(invalid) = name.parse::<DisplayName>() {
        let most = DisplayName::MAX_CODE_POINTS;
        let advice = format!(
            "{invalid}; the subjects of mails have it: write at most {most} characters on one line"
        );
        check.expect("service_name", name, false, advice);
    }
}

fn check_lifetime(check: &mut Check, setting: &str, lifetime: Duration) {
    check.at_least(setting, lifetime, LEAST_LIFETIME, "the token is over before the mail is read");
}

fn check_link(check: &mut Check, setting: &str, link: Option<&str>) {
    let Some(link) = link else { return };
    for advice in link::defects_of(link) {
        check.expect(setting, link, false, advice);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::domain::{AddressLimits, AttemptLimit, PasswordPolicy, SessionPolicy, Settings};

    const NONE: Duration = Duration::ZERO;

    /// What is wrong with the default settings after this change, as `setting is value`.
    fn defects(change: impl FnOnce(&mut Settings)) -> Vec<String> {
        let mut settings = Settings::default();
        change(&mut settings);
        let Err(invalid) = settings.check() else { return Vec::new() };
        let texts = invalid.defects().iter().map(ToString::to_string);
        texts.map(|text| text.split(": ").next().unwrap_or_default().replace('`', "")).collect()
    }

    #[test]
    fn user_17_the_default_settings_and_the_most_generous_ones_are_fine() {
        assert_eq!(defects(|_| {}), [""; 0]);
        let generous = defects(|settings| {
            let all = Duration::MAX;
            settings.session_policy = SessionPolicy::default().with_idle(all).with_absolute(all);
            settings.activation_lifetime = all;
            settings.activation_grace = NONE;
            settings.mail_pause = NONE;
            settings.mail_lease = all;
            settings.mail_attempts = u32::MAX;
            settings.limits.password = AttemptLimit::new(u32::MAX, all);
            settings.limits.by_address = AddressLimits::NONE;
            settings.reauthenticate_after = all;
        });
        assert_eq!(generous, [""; 0]);
    }

    #[test]
    fn user_17_every_setting_that_contradicts_itself_or_another_is_told_at_once() {
        let all = defects(|settings| {
            settings.service_name = "Cellar\r\nBcc: everybody@x.test".to_owned();
            settings.password_policy = PasswordPolicy::default().with_min(20).with_max(10);
            settings.session_policy = SessionPolicy::default()
                .with_idle(Duration::from_hours(2))
                .with_absolute(Duration::from_hours(1));
            settings.activation_lifetime = NONE;
            settings.activation_link = Some("https://app.example/#{Token}".to_owned());
            settings.password_reset_lifetime = Duration::from_secs(59);
            settings.password_reset_link = Some("https://app.example/".to_owned());
            settings.email_change_lifetime = NONE;
            settings.email_change_link = Some("/agree#{token}".to_owned());
            settings.email_cancel_link = Some("https://app.example/stop".to_owned());
            settings.mail_lease = Duration::from_millis(1);
            settings.mail_attempts = 0;
            settings.limits.password = AttemptLimit::new(0, Duration::from_mins(1));
            settings.limits.email_change = AttemptLimit::new(1, NONE);
            settings.limits.by_address.log_in = Some(AttemptLimit::new(0, NONE));
            settings.reauthenticate_after = NONE;
        });
        let expected = [
            "Settings::service_name is \"Cellar\\r\\nBcc",
            "Settings::password_policy.min is 20",
            "Settings::session_policy.idle is 7200s",
            "Settings::activation_lifetime is 0ns",
            "Settings::activation_link is \"https://app.example/#{Token}\"",
            "Settings::activation_link is \"https://app.example/#{Token}\"",
            "Settings::password_reset_lifetime is 59s",
            "Settings::password_reset_link is \"https://app.example/\"",
            "Settings::email_change_lifetime is 0ns",
            "Settings::email_change_link is \"/agree#{token}\"",
            "Settings::email_cancel_link is \"https://app.example/stop\"",
            "Settings::mail_lease is 1ms",
            "Settings::mail_attempts is 0",
            "Settings::limits.password.attempts is 0",
            "Settings::limits.email_change.within is 0ns",
            "Settings::limits.by_address.log_in.attempts is 0",
            "Settings::limits.by_address.log_in.within is 0ns",
            "Settings::reauthenticate_after is 0ns",
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn user_17_bounds_of_policies_are_kept() {
        let policy = PasswordPolicy::default;
        for (policy, expected) in [
            (policy().with_min(0), "min is 0"),
            (policy().with_min(257), "min is 257"),
            (policy().with_max(4097), "max is 4097"),
        ] {
            let defects = defects(|settings| settings.password_policy = policy);
            assert_eq!(defects, [format!("Settings::password_policy.{expected}")]);
        }
        let policy = SessionPolicy::default;
        for (policy, expected) in [
            (policy().with_idle(NONE), "idle is 0ns"),
            (policy().with_idle(NONE).with_absolute(NONE), "idle is 0ns, absolute is 0ns"),
            (policy().with_absolute(Duration::from_hours(23)), "idle is 86400s"),
        ] {
            let defects = defects(|settings| settings.session_policy = policy);
            let defects = defects.join(", ").replace("Settings::session_policy.", "");
            assert_eq!(defects, expected);
        }
    }

    #[test]
    fn user_17_a_name_that_nobody_sees_or_that_breaks_a_header_is_refused() {
        for name in ["", " ", "\u{200b}", "a\rb", "a\nb", "a\0b", "a\u{2028}b", &"x".repeat(101)] {
            let defects = defects(|settings| settings.service_name = name.to_owned());
            assert_eq!(defects.len(), 1, "{name:?}");
        }
        assert_eq!(defects(|settings| settings.service_name = "Café <1>".to_owned()), [""; 0]);
    }

    #[test]
    fn user_17_a_defect_says_what_to_do() {
        let settings = Settings { mail_lease: Duration::from_millis(1), ..Settings::default() };
        let told = format!("{:?}", settings.check().unwrap_err());
        assert_eq!(
            told,
            "the settings have 1 defect:\n1. `Settings::mail_lease` is 1ms: another worker would send a mail while \
             the first one still does; set it to 10s or more"
        );
    }
}
