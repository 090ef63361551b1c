//! A mail that is owed, and a mail that is written.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use time::{OffsetDateTime, UtcOffset};

use crate::domain::{
    CustomMail, DisplayName, EmailAddress, EmailChangeId, Locale, MailId, TokenPurpose,
    UnknownName, UserId, after,
};

/// A mail that is about to be owed to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// Whose account it is about.
    pub user_id: UserId,
    /// What it is to say.
    pub kind: MailKind,
    /// Where it goes, if not to the address of the account.
    pub recipient: Option<EmailAddress>,
    /// Which change of an address it is about, if it is about one. Unsent, it goes with it.
    pub email_change_id: Option<EmailChangeId>,
    /// Which language it is in, if not in that of the account when the mail is written.
    pub locale: Option<Locale>,
}

impl NewMail {
    /// A mail to the address of the account.
    pub const fn new(user_id: UserId, kind: MailKind) -> Self {
        Self { user_id, kind, recipient: None, email_change_id: None, locale: None }
    }
}

/// A mail that committed work owes to a user, until a worker has sent it.
///
/// It is stored along with the work that owes it and holds no secret: the worker makes the token that the
/// mail carries only when it writes the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedMail {
    /// Which one.
    pub id: MailId,
    /// Whose account it is about.
    pub user_id: UserId,
    /// Where it goes.
    pub email: EmailAddress,
    /// How to greet the user, if a name was given, and the mailbox is that of an active account: to any other, somebody
    /// else might be writing by it.
    pub display_name: Option<DisplayName>,
    /// Which language the user prefers, if that is known.
    pub locale: Option<Locale>,
    /// What it is to say.
    pub kind: MailKind,
    /// Which change of an address it is about, if it is about one.
    pub email_change_id: Option<EmailChangeId>,
    /// Which address the account is to have, if it is about a change of it.
    pub new_email: Option<EmailAddress>,
    /// Which registration it is about, until the account is activated.
    pub registration: Option<RegistrationOrigin>,
    /// Until when the account is closed and can be opened again, if it is closed.
    pub closed_until: Option<OffsetDateTime>,
    /// Whether its mailbox was found to have had not too many mails; it is counted then.
    pub is_admitted: bool,
    /// How often sending has been tried.
    pub attempts: u32,
}

impl OwedMail {
    /// The longest pause between two attempts at sending a mail: 1 hour.
    pub const LONGEST_PAUSE: Duration = Duration::from_hours(1);

    /// When a mail can be due at the latest, where a worker claims mails from now until `lease_until`. One that seems to be due
    /// later was postponed or claimed by a clock that was set back since.
    pub fn due_at_latest(now: OffsetDateTime, lease_until: OffsetDateTime) -> OffsetDateTime {
        after(now, Self::LONGEST_PAUSE).max(lease_until)
    }

    /// The end of the time for which the account is closed, as a mail shows it: `2026-01-02 03:04 UTC`.
    pub fn closed_until_text(&self) -> Option<String> {
        self.closed_until.map(minute_in_utc)
    }
}

/// When and from where somebody registered an address, for its owner to tell whether that was them.
///
/// It has no name that a client calls itself by: that is a text of a stranger's choice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RegistrationOrigin {
    /// When, in UTC.
    pub at: OffsetDateTime,
    /// From which address of the network, if that is known.
    pub address: Option<IpAddr>,
}

impl RegistrationOrigin {
    /// The time as a mail shows it: `2026-01-02 03:04 UTC`.
    pub fn time(&self) -> String {
        minute_in_utc(self.at)
    }
}

fn minute_in_utc(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let (date, hour, minute) = (at.date(), at.hour(), at.minute());
    format!("{date} {hour:02}:{minute:02} UTC")
}

/// It is personal data.
impl fmt::Debug for RegistrationOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RegistrationOrigin(…)")
    }
}

/// What an owed mail is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// How to activate the account that was just registered.
    Activation,
    /// That somebody tried to register an address which has an account already.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 6.3.8: the answer to the request does not tell, so this mail does.
    AlreadyRegistered,
    /// How to choose a new password.
    PasswordReset,
    /// That the password was changed.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 6.3.7: users are told of changes to what they sign in with.
    PasswordChanged,
    /// To the present address: how to agree to another one, or to stop it.
    EmailChangeCurrent,
    /// To the address that an account is to have: how to agree.
    EmailChangeNew,
    /// To the owner of an address that somebody wanted another account to have.
    EmailChangeTaken,
    /// To the former address: that the account has another one now.
    EmailChanged,
    /// That the account is closed at its owner's wish, and how to come back.
    AccountClosed,
    /// That the account is open again.
    AccountReopened,
    /// A mail of the application's own. Who adds a kind also writes it, in a listener of
    /// [`ComposeMail`](crate::presentation::event::transport::ComposeMail).
    Custom(CustomMail),
    /// To the address that a removed account had: that it is removed. It is owed with a recipient, and kept no longer than
    /// until it is sent or given up.
    AccountRemoved,
}

impl MailKind {
    /// A mail of the application's own, of this name: `const WELCOME: MailKind = MailKind::custom("welcome");`.
    ///
    /// A mail of the kind goes through the queue like the module's own: its row is written in the unit of work of whatever
    /// [owes](crate::presentation::event::transport::OweMail) it, and it is sent after the commit, whatever happens in between.
    ///
    /// # Panics
    ///
    /// Unless the name is 1 to 40 lower-case letters, digits and `_`; in a constant, that is an error of the compiler.
    pub const fn custom(name: &'static str) -> Self {
        match CustomMail::new(name) {
            Some(custom) => Self::Custom(custom),
            None => {
                panic!("the name of a kind of mail is 1 to 40 lower-case letters, digits and `_`")
            }
        }
    }

    /// Every kind of the module's own.
    pub const ALL: [Self; 11] = [
        Self::Activation,
        Self::AlreadyRegistered,
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::EmailChangeCurrent,
        Self::EmailChangeNew,
        Self::EmailChangeTaken,
        Self::EmailChanged,
        Self::AccountClosed,
        Self::AccountReopened,
        Self::AccountRemoved,
    ];

    /// The word for it in a store.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Custom(custom) => custom.as_str(),
            Self::Activation => "activation",
            Self::AlreadyRegistered => "already_registered",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::EmailChangeCurrent => "email_change_current",
            Self::EmailChangeNew => "email_change_new",
            Self::EmailChangeTaken => "email_change_taken",
            Self::EmailChanged => "email_changed",
            Self::AccountClosed => "account_closed",
            Self::AccountReopened => "account_reopened",
            Self::AccountRemoved => "account_removed",
        }
    }

    /// Whether it tells of something that was done, which nobody asks for and nobody can ask for again.
    pub const fn is_notice(self) -> bool {
        matches!(
            self,
            Self::PasswordChanged
                | Self::EmailChanged
                | Self::AccountClosed
                | Self::AccountReopened
                | Self::AccountRemoved
                | Self::Custom(_)
        )
    }

    /// Whether it is sent although the account that it is about is gone.
    pub const fn outlives_account(self) -> bool {
        matches!(self, Self::AccountRemoved)
    }

    /// What the token allows that a mail of this kind carries, if it carries one.
    pub const fn token_purpose(self) -> Option<TokenPurpose> {
        match self {
            Self::Activation => Some(TokenPurpose::Activation),
            Self::PasswordReset => Some(TokenPurpose::PasswordReset),
            Self::EmailChangeCurrent => Some(TokenPurpose::EmailChangeCurrent),
            Self::EmailChangeNew => Some(TokenPurpose::EmailChangeNew),
            Self::AlreadyRegistered
            | Self::PasswordChanged
            | Self::EmailChangeTaken
            | Self::EmailChanged
            | Self::AccountClosed
            | Self::AccountReopened
            | Self::AccountRemoved
            | Self::Custom(_) => None,
        }
    }
}

impl FromStr for MailKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let own = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        own.map_or_else(|| text.parse().map(Self::Custom), Ok)
    }
}

/// What a visitor without a session has asked a mail for, by an address that may be anybody's.
///
/// # Rule
///
/// ASVS 5.0 item 6.3.8: asking costs the same for a known and an unknown address, so all that is done while the
/// visitor waits is to write this down. Whose address it is, is looked up by the worker that sends mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRequest {
    /// The address, as typed.
    pub email: EmailAddress,
    /// What it is asked for.
    pub kind: MailRequestKind,
    /// When.
    pub requested_at: OffsetDateTime,
}

/// What a mail is asked for by a visitor without a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailRequestKind {
    /// To have what was just registered activated; the owner of an address that has an account is told so instead.
    Registration,
    /// To have the activation mail once more.
    Activation,
    /// To choose a new password; for an account that is pending that is the activation mail.
    PasswordReset,
}

impl MailRequestKind {
    /// The word for it in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Activation => "activation",
            Self::PasswordReset => "password_reset",
        }
    }
}

impl FromStr for MailRequestKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Registration, Self::Activation, Self::PasswordReset]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownName)
    }
}

/// A mail that is written and ready to be sent.
///
/// Its text may hold a token, so `Debug` hides it.
///
/// ```
/// use dullahan_user::domain::MailMessage;
///
/// let mail = MailMessage::new("ada@example.org".parse()?, "Welcome", "It is good to have you.\n");
/// assert!(mail.html.is_none());
/// # Ok::<(), dullahan_user::domain::InvalidEmailAddress>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct MailMessage {
    /// Which owed mail it is, if it is one: a mail that is sent twice, after a crash say, is the same one then.
    ///
    /// Whoever writes an owed mail may leave it out; sending fills it in.
    pub id: Option<MailId>,
    /// Where it goes.
    pub to: EmailAddress,
    /// The subject: one line without any secret, for it shows on locked screens.
    pub subject: String,
    /// The body, as plain text.
    pub text: String,
    /// The same body as HTML, if it is to have both.
    pub html: Option<String>,
}

impl MailMessage {
    /// A mail of plain text that nobody owes.
    pub fn new(to: EmailAddress, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id: None, to, subject: subject.into(), text: text.into(), html: None }
    }
}

/// What came of trying to send an owed mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailOutcome {
    /// The mailer has taken it.
    Sent,
    /// The mailer has not taken it this time; it is tried again.
    Postponed,
    /// It is not sent, as its mailbox has had too many, or it was withdrawn. It is forgotten.
    Withheld,
    /// It was refused for good, or tried too often. It is kept as failed and not tried again.
    GivenUp,
}

impl fmt::Debug for MailMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MailMessage")
            .field("id", &self.id)
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{MailKind, MailRequestKind, UnknownName};

    #[test]
    fn every_kind_reads_back_from_its_word() {
        const WELCOME: MailKind = MailKind::custom("welcome");
        assert_eq!(WELCOME.as_str(), "app_welcome");
        for kind in MailKind::ALL.into_iter().chain([WELCOME]) {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for kind in [
            MailRequestKind::Registration,
            MailRequestKind::Activation,
            MailRequestKind::PasswordReset,
        ] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for unknown in ["", "welcome", "app_", "app_Welcome", "app_welcome.html"] {
            assert_eq!(unknown.parse::<MailKind>(), Err(UnknownName));
        }
        assert_eq!("".parse::<MailRequestKind>(), Err(UnknownName));
    }
}
