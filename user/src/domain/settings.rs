//! What an application decides about its accounts.

use std::time::Duration;

use crate::domain::{PasswordPolicy, SessionPolicy};

/// What an application decides about its accounts. The defaults are safe ones.
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
    /// How the service calls itself in mails.
    pub service_name: String,
    /// Which passwords may be chosen.
    pub password_policy: PasswordPolicy,
    /// How long sessions live.
    pub session_policy: SessionPolicy,
    /// Whether a free and a taken address get the same answer. Without it registration answers with the new
    /// user, and with a conflict for a taken address.
    pub enumeration_protection: bool,
    /// How long the token in an activation mail is good for: 24 hours.
    pub activation_lifetime: Duration,
    /// The application's page for activation, with `{token}` where the token belongs; it posts the token, as a
    /// link alone changes nothing. The mail shows the bare token where there is none.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 4.1.3: the origin of a mailed link comes from here and never from a request.
    pub activation_link: Option<String>,
    /// For how long no second mail of the same kind goes to the same user: 1 hour.
    pub mail_pause: Duration,
    /// For how long a worker that sends a mail has it for itself: 1 minute. After a crash another one takes
    /// over that much later.
    pub mail_lease: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            service_name: "this service".to_owned(),
            password_policy: PasswordPolicy::default(),
            session_policy: SessionPolicy::default(),
            enumeration_protection: true,
            activation_lifetime: Duration::from_hours(24),
            activation_link: None,
            mail_pause: Duration::from_hours(1),
            mail_lease: Duration::from_mins(1),
        }
    }
}
