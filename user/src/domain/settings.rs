//! What an application decides about its accounts.

mod check;
mod link;

use std::time::Duration;

use time::OffsetDateTime;

use crate::domain::{
    AttemptLimit, AuditKey, Limits, PasswordPolicy, RemovalPolicy, SessionPolicy, TokenPurpose,
};

/// What an application decides about its accounts. The defaults are safe ones.
///
/// Values that contradict themselves or each other are defects of `build()`, all at once, each with the setting, its value
/// and what to do.
///
/// ```
/// use dullahan_user::domain::Settings;
///
/// let settings = Settings {
///     service_name: "Cellar".to_owned(),
///     activation_link: Some("https://cellar.example/activate#{token}".to_owned()),
///     ..Settings::default()
/// };
/// assert!(settings.enumeration_protection);
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    /// How the service calls itself in mails: a name of one line.
    pub service_name: String,
    /// Which passwords may be chosen.
    pub password_policy: PasswordPolicy,
    /// How long sessions live, and how many an account has.
    pub session_policy: SessionPolicy,
    /// Whether a free and a taken address get the same answer. Without it registration answers with the new
    /// user, and with a conflict for a taken address.
    pub enumeration_protection: bool,
    /// Whether an activation asks for a password, the one of the registration or a new one: yes. Without it the token
    /// alone activates the account with the password that was given at registration, also if a stranger registered the
    /// address; the mail says when and from where that was.
    pub password_at_activation: bool,
    /// How long after an activation its token is still answered as if it activated the account: 1 minute, for a page that
    /// sends it twice. Nothing happens the second time.
    pub activation_grace: Duration,
    /// How long a registration waits for its activation before the purge deletes it: 7 days. One whose activation mail is
    /// still good waits for that.
    pub pending_retention: Duration,
    /// How long the token in an activation mail is good for: 24 hours.
    pub activation_lifetime: Duration,
    /// The application's page for activation, a whole URL with `{token}` where the token belongs, best in the fragment; it
    /// posts the token, as a link alone changes nothing. The mail shows the bare token where there is none.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 4.1.3: the origin of a mailed link comes from here and never from a request.
    pub activation_link: Option<String>,
    /// How long the token in a mail about a new password is good for: 30 minutes.
    ///
    /// # Rule
    ///
    /// NIST SP 800-63B-4 section 4.2.1 and ASVS 5.0 item 6.5.5: a recovery code that is mailed lives 24 hours at
    /// most; OWASP Forgot Password Cheat Sheet: an appropriate, short time.
    pub password_reset_lifetime: Duration,
    /// The application's page for choosing a new password, with `{token}` where the token belongs.
    pub password_reset_link: Option<String>,
    /// How long both mailboxes have to agree to a change of the address: 24 hours.
    pub email_change_lifetime: Duration,
    /// The application's page for agreeing to a change of the address, with `{token}` where the token belongs.
    pub email_change_link: Option<String>,
    /// The application's page for stopping a change of the address, with `{token}` where the token belongs. The token of
    /// the mail does either; with two pages the two cannot be confused.
    pub email_cancel_link: Option<String>,
    /// Whether the present mailbox has to agree to a change of the address: yes. Without it the new mailbox alone does, after
    /// a recent proof of the password, for users who have lost the former one; that gets a mail with which to stop it.
    pub email_change_needs_current: bool,
    /// For how long no second mail of the same kind goes to the same mailbox, whatever account it is about: 5
    /// minutes. It ends early once the token of the first one is void, so that a new request is answered with a mail.
    ///
    /// Sub-addresses are one mailbox ([`EmailAddress::mailbox_key`](crate::domain::EmailAddress::mailbox_key)). Of what
    /// was changed users are told each time ([`MailKind::is_notice`](crate::domain::MailKind::is_notice)): nobody causes
    /// such a mail without a password or a token, so neither this nor [`mailbox_limit`](Self::mailbox_limit) counts it.
    pub mail_pause: Duration,
    /// How many mails go to one mailbox, of all kinds that are not notices: 20 in 24 hours. A request for one
    /// more gets the usual answer, and no mail.
    pub mailbox_limit: AttemptLimit,
    /// For how long a worker that sends a mail has it for itself: 1 minute. After a crash another one takes
    /// over that much later. It is longer than the [time-out](crate::port::Mailer::time_out) of the mailer, or else a second
    /// worker would send the same mail.
    pub mail_lease: Duration,
    /// How often an owed mail is tried: 100 times, which takes four days, as the pause between two doubles from
    /// half a minute up to an hour. Then it is given up, and kept as failed for
    /// [`sent_mail_retention`](Self::sent_mail_retention). One that the mailer refuses for good is given up at once.
    ///
    /// # Rule
    ///
    /// RFC 5321 section 4.5.4.1: a sender gives up after 4 to 5 days, after less than a minute never.
    pub mail_attempts: u32,
    /// How often clients and users may ask for what.
    pub limits: Limits,
    /// How long after proving who they are a user may change what they sign in with, or remove the account: 15
    /// minutes.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 7.5.1.
    pub reauthenticate_after: Duration,
    /// How long an account that its owner removes is only closed, so that the owner can come back by logging in: not at
    /// all, it is removed at once. When that time is over the purge removes it.
    ///
    /// Meanwhile no session lives, no other login succeeds, and the address stays taken.
    pub removal_grace: Duration,
    /// What remains of a removed account.
    pub removal: RemovalPolicy,
    /// How long a mail that was sent or given up is remembered: 30 days, and no less than
    /// [`mail_pause`](Self::mail_pause).
    pub sent_mail_retention: Duration,
    /// The key of the digests by which the audit names addresses. Without one, a key is made at each start, and digests of
    /// one run cannot be compared with those of another run or another process. Give all processes the same key to compare
    /// them, and to look up entries about an address.
    pub audit_key: Option<AuditKey>,
}

impl Settings {
    /// How long a token that is mailed is good for.
    pub const fn token_lifetime(&self, purpose: TokenPurpose) -> Duration {
        match purpose {
            TokenPurpose::Activation => self.activation_lifetime,
            TokenPurpose::Activated => self.activation_grace,
            TokenPurpose::PasswordReset => self.password_reset_lifetime,
            TokenPurpose::EmailChangeCurrent | TokenPurpose::EmailChangeNew => {
                self.email_change_lifetime
            }
        }
    }

    /// Whether a token that is good until `expires_at` was mailed about now, and not by a clock that was set back since: none
    /// is good for more than twice its time.
    pub fn is_of_today(
        &self,
        purpose: TokenPurpose,
        expires_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> bool {
        expires_at - now <= self.token_lifetime(purpose).saturating_mul(2)
    }

    /// The application's page for a token that is mailed, with `{token}` where the token belongs, if it has one.
    pub fn token_link(&self, purpose: TokenPurpose) -> Option<&str> {
        match purpose {
            TokenPurpose::Activation => self.activation_link.as_deref(),
            TokenPurpose::Activated => None,
            TokenPurpose::PasswordReset => self.password_reset_link.as_deref(),
            TokenPurpose::EmailChangeCurrent | TokenPurpose::EmailChangeNew => {
                self.email_change_link.as_deref()
            }
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            service_name: "this service".to_owned(),
            password_policy: PasswordPolicy::default(),
            session_policy: SessionPolicy::default(),
            enumeration_protection: true,
            password_at_activation: true,
            activation_grace: Duration::from_mins(1),
            pending_retention: Duration::from_hours(7 * 24),
            activation_lifetime: Duration::from_hours(24),
            activation_link: None,
            password_reset_lifetime: Duration::from_mins(30),
            password_reset_link: None,
            email_change_lifetime: Duration::from_hours(24),
            email_change_link: None,
            email_cancel_link: None,
            email_change_needs_current: true,
            mail_pause: Duration::from_mins(5),
            mailbox_limit: AttemptLimit::new(20, Duration::from_hours(24)),
            mail_lease: Duration::from_mins(1),
            mail_attempts: 100,
            limits: Limits::default(),
            reauthenticate_after: Duration::from_mins(15),
            removal_grace: Duration::ZERO,
            removal: RemovalPolicy::default(),
            sent_mail_retention: Duration::from_hours(30 * 24),
            audit_key: None,
        }
    }
}
