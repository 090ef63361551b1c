//! How often clients and users may ask for what.

use std::time::Duration;

use crate::domain::{AttemptLimit, Check};

/// How often clients and users may ask for what.
///
/// The first four are counted in the store, for all instances of the service together; those by client address in memory.
///
/// ```
/// use std::time::Duration;
///
/// use dullahan_user::domain::{AddressLimits, AttemptLimit, Limits, Settings};
///
/// let settings = Settings {
///     limits: Limits {
///         by_address: AddressLimits {
///             register: Some(AttemptLimit::new(5, Duration::from_hours(1))),
///             ..AddressLimits::default()
///         },
///         ..Limits::default()
///     },
///     ..Settings::default()
/// };
/// assert_eq!(settings.limits.password.attempts, 5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How often a password may be tried for one account by clients that have no mark of it: 5 times in 15 minutes. The
    /// right one resets the count.
    pub password: AttemptLimit,
    /// How often a browser that has signed in to the account before may try its password: 5 times in 15 minutes, whatever
    /// other clients do.
    ///
    /// # Rule
    ///
    /// OWASP, Slow Down Online Guessing Attacks with Device Cookies.
    pub password_on_known_device: AttemptLimit,
    /// How often a user who is signed in may try to prove the password: 5 times in 15 minutes. Logins do not count along, so
    /// a stranger keeps nobody from it.
    pub own_password: AttemptLimit,
    /// How often one user may ask for a change of the address: 5 times an hour.
    pub email_change: AttemptLimit,
    /// How often one client address may ask for what needs no session.
    pub by_address: AddressLimits,
}

impl Limits {
    /// A line for each field.
    pub(crate) fn check_settings(&self, check: &mut Check) {
        let Self { password, password_on_known_device, own_password, email_change, by_address } =
            self;
        for (name, limit) in [
            ("password", password),
            ("password_on_known_device", password_on_known_device),
            ("own_password", own_password),
            ("email_change", email_change),
        ] {
            check.nested(name, |check| limit.check_settings(check));
        }
        check.nested("by_address", |check| by_address.check_settings(check));
    }
}

impl Default for Limits {
    fn default() -> Self {
        let password = AttemptLimit::new(5, Duration::from_mins(15));
        Self {
            password,
            password_on_known_device: password,
            own_password: password,
            email_change: AttemptLimit::new(5, Duration::from_hours(1)),
            by_address: AddressLimits::default(),
        }
    }
}

/// How often one client address may ask for what needs no session. `None` leaves a limit to what is in front of the service.
///
/// Each action has a count of its own, so whoever uses up one of them can still do the others. Addresses of version 6 count
/// by their first 64 bits, since a client has the rest to choose from.
///
/// # Rule
///
/// ASVS 5.0 item 2.4.1: excessive calls are limited. The table of rate limits of django-allauth is the model: `signup`,
/// `confirm_email`, `login`, `login_failed`, `reset_password`, `reset_password_from_key`, `change_email`. Its 20 to 30 a minute
/// are few for a school or an office behind one address, so the defaults are a little higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressLimits {
    /// Registrations: 30 a minute.
    pub register: Option<AttemptLimit>,
    /// Activations: 30 a minute.
    pub activate: Option<AttemptLimit>,
    /// Requests for another activation mail: 30 a minute.
    pub resend_activation: Option<AttemptLimit>,
    /// Logins: 60 a minute.
    pub log_in: Option<AttemptLimit>,
    /// Requests for a mail about a forgotten password: 30 a minute.
    pub forgot_password: Option<AttemptLimit>,
    /// Resets of a forgotten password: 30 a minute.
    pub reset_password: Option<AttemptLimit>,
    /// Confirmations and cancellations of a change of the address, together: 30 a minute.
    pub answer_email_change: Option<AttemptLimit>,
    /// *Different* accounts whose password is tried in vain: 30 in 15 minutes. Then no other account may be tried from there,
    /// but by a browser that has signed in to it before.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 6.1.1 and NIST SP 800-63B-4 section 3.2.2: guessing one password for many accounts stays below the limit
    /// of each account.
    pub failed_log_ins: Option<AttemptLimit>,
    /// Tokens that lead nowhere, of sessions or of mails: 600 a minute. Then no other token is looked up for this address, so
    /// that made-up ones do not keep the store busy; those that have led to a session lately still are. What leads somewhere
    /// does not count.
    pub failed_look_ups: Option<AttemptLimit>,
}

impl AddressLimits {
    /// No limit by client address at all.
    pub const NONE: Self = Self {
        register: None,
        activate: None,
        resend_activation: None,
        log_in: None,
        forgot_password: None,
        reset_password: None,
        answer_email_change: None,
        failed_log_ins: None,
        failed_look_ups: None,
    };

    /// The same limit for everything.
    pub const fn all(limit: AttemptLimit) -> Self {
        let limit = Some(limit);
        Self {
            register: limit,
            activate: limit,
            resend_activation: limit,
            log_in: limit,
            forgot_password: limit,
            reset_password: limit,
            answer_email_change: limit,
            failed_log_ins: limit,
            failed_look_ups: limit,
        }
    }

    /// A line for each field.
    fn check_settings(&self, check: &mut Check) {
        let Self {
            register,
            activate,
            resend_activation,
            log_in,
            forgot_password,
            reset_password,
            answer_email_change,
            failed_log_ins,
            failed_look_ups,
        } = self;
        for (name, limit) in [
            ("register", register),
            ("activate", activate),
            ("resend_activation", resend_activation),
            ("log_in", log_in),
            ("forgot_password", forgot_password),
            ("reset_password", reset_password),
            ("answer_email_change", answer_email_change),
            ("failed_log_ins", failed_log_ins),
            ("failed_look_ups", failed_look_ups),
        ] {
            if let Some(limit) = limit {
                check.nested(name, |check| limit.check_settings(check));
            }
        }
    }

    /// The limit of an action.
    pub const fn of(&self, action: ClientAction) -> Option<AttemptLimit> {
        match action {
            ClientAction::Register => self.register,
            ClientAction::Activate => self.activate,
            ClientAction::ResendActivation => self.resend_activation,
            ClientAction::LogIn => self.log_in,
            ClientAction::ForgotPassword => self.forgot_password,
            ClientAction::ResetPassword => self.reset_password,
            ClientAction::AnswerEmailChange => self.answer_email_change,
            ClientAction::FailedLogIn => self.failed_log_ins,
            ClientAction::FailedLookUp => self.failed_look_ups,
        }
    }
}

impl Default for AddressLimits {
    fn default() -> Self {
        let a_minute = |attempts| AttemptLimit::new(attempts, Duration::from_mins(1));
        Self {
            log_in: Some(a_minute(60)),
            failed_log_ins: Some(AttemptLimit::new(30, Duration::from_mins(15))),
            failed_look_ups: Some(a_minute(600)),
            ..Self::all(a_minute(30))
        }
    }
}

/// What a client does without a session, and is limited in by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientAction {
    /// It registers an account.
    Register,
    /// It activates an account.
    Activate,
    /// It asks for another activation mail.
    ResendActivation,
    /// It logs in.
    LogIn,
    /// It asks for a mail about a forgotten password.
    ForgotPassword,
    /// It resets a forgotten password.
    ResetPassword,
    /// It confirms or cancels a change of an address.
    AnswerEmailChange,
    /// It has tried a password in vain.
    FailedLogIn,
    /// It has presented a token that leads nowhere.
    FailedLookUp,
}

impl ClientAction {
    /// Whether it is a failure, which is counted once it has happened.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::FailedLogIn | Self::FailedLookUp)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::domain::{AddressLimits, AttemptLimit, ClientAction};

    #[test]
    fn user_08_every_action_has_a_limit_of_its_own() {
        let limit = |attempts| Some(AttemptLimit::new(attempts, Duration::from_mins(1)));
        let limits = AddressLimits {
            register: limit(1),
            activate: limit(2),
            resend_activation: limit(3),
            log_in: limit(4),
            forgot_password: limit(5),
            reset_password: limit(6),
            answer_email_change: limit(7),
            failed_log_ins: limit(8),
            failed_look_ups: limit(9),
        };
        let actions = [
            ClientAction::Register,
            ClientAction::Activate,
            ClientAction::ResendActivation,
            ClientAction::LogIn,
            ClientAction::ForgotPassword,
            ClientAction::ResetPassword,
            ClientAction::AnswerEmailChange,
            ClientAction::FailedLogIn,
            ClientAction::FailedLookUp,
        ];
        for (action, attempts) in actions.into_iter().zip(1..) {
            assert_eq!(limits.of(action), limit(attempts), "{action:?}");
            assert_eq!(AddressLimits::NONE.of(action), None, "{action:?}");
            assert!(AddressLimits::default().of(action).is_some(), "{action:?}");
        }
    }
}
