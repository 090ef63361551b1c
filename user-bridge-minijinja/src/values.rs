//! What a template can say.

use std::time::Duration;

use dullahan_user::domain::{MailKind, OwedMail, Settings, Token};
use minijinja::{
    context,
    value::{Kwargs, Value},
};

/// The names that every template knows.
const KNOWN: [&str; 4] = ["service", "name", "email", "locale"];

/// The names that a template knows whose mail carries a token.
const KNOWN_WITH_TOKEN: [&str; 3] = ["token", "link", "lifetime"];

/// The names that the template of an activation knows besides.
const KNOWN_OF_ACTIVATION: [&str; 3] = ["registered_at", "registered_from", "asks_password"];

/// The names that the templates about a change of an address know besides.
const KNOWN_OF_EMAIL_CHANGE: [&str; 3] = ["new_email", "needs_current", "cancel_link"];

/// Whether the template of a kind knows a name.
pub(crate) fn is_known(kind: MailKind, name: &str) -> bool {
    let about = match kind {
        MailKind::Activation => &KNOWN_OF_ACTIVATION[..],
        MailKind::EmailChangeCurrent => &KNOWN_OF_EMAIL_CHANGE[..],
        MailKind::EmailChangeNew => &KNOWN_OF_EMAIL_CHANGE[1..],
        MailKind::AccountClosed => &["closed_until"],
        _ => &[],
    };
    KNOWN.contains(&name)
        || about.contains(&name)
        || (kind.token_purpose().is_some() && KNOWN_WITH_TOKEN.contains(&name))
}

/// What the template of one mail can say.
pub(crate) struct Values<'a> {
    pub(crate) service: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) email: &'a str,
    pub(crate) locale: &'a str,
    pub(crate) token: Option<TokenValues>,
    /// What the mails of one kind say besides.
    pub(crate) about: Vec<(&'static str, Value)>,
}

/// What the mails of one kind say besides.
pub(crate) fn about(
    mail: &OwedMail,
    token: Option<&Token>,
    settings: &Settings,
) -> Vec<(&'static str, Value)> {
    let mut about = Vec::new();
    match mail.kind {
        MailKind::Activation => {
            if let Some(registration) = mail.registration {
                about.push(("registered_at", Value::from(registration.time())));
                let from = registration.address.map(|address| address.to_string());
                about.extend(from.map(|from| ("registered_from", Value::from(from))));
            }
            about.push(("asks_password", Value::from(settings.password_at_activation)));
        }
        MailKind::AccountClosed => {
            let until = mail.closed_until_text();
            about.extend(until.map(|until| ("closed_until", Value::from(until))));
        }
        MailKind::EmailChangeCurrent | MailKind::EmailChangeNew => {
            if mail.kind == MailKind::EmailChangeCurrent {
                let new_email = mail.new_email.as_ref().map(|email| Value::from(email.as_str()));
                about.extend(new_email.map(|email| ("new_email", email)));
            }
            about.push(("needs_current", Value::from(settings.email_change_needs_current)));
            if let (Some(link), Some(token)) = (&settings.email_cancel_link, token) {
                about.push(("cancel_link", Value::from(link.replace("{token}", &token.expose()))));
            }
        }
        _ => {}
    }
    about
}

/// What a template can say of a token.
pub(crate) struct TokenValues {
    token: String,
    link: Option<String>,
    lifetime: Duration,
}

impl TokenValues {
    /// The token of a kind of mail, if such a mail carries one.
    pub(crate) fn new(kind: MailKind, token: &Token, settings: &Settings) -> Option<Self> {
        let purpose = kind.token_purpose()?;
        let link = settings.token_link(purpose);
        Some(Self::of(token.expose().to_string(), link, settings.token_lifetime(purpose)))
    }

    pub(crate) fn of(token: String, link: Option<&str>, lifetime: Duration) -> Self {
        Self { link: link.map(|link| link.replace("{token}", &token)), token, lifetime }
    }
}

impl Values<'_> {
    /// As minijinja wants them.
    pub(crate) fn to_value(&self) -> Value {
        let mut values = vec![
            ("service", Value::from(self.service)),
            ("email", Value::from(self.email)),
            ("locale", Value::from(self.locale)),
        ];
        values.extend(self.about.iter().cloned());
        // What is not there is undefined: a template that says it without asking is found out.
        values.extend(self.name.map(|name| ("name", Value::from(name))));
        if let Some(TokenValues { token, link, lifetime }) = &self.token {
            let (number, unit) = span(*lifetime);
            values.push(("token", Value::from(token.as_str())));
            values.push(("lifetime", context! { number, unit }));
            values.extend(link.as_deref().map(|link| ("link", Value::from(link))));
        }
        values.into_iter().collect::<Kwargs>().into()
    }
}

/// A time in hours, or in minutes where it is less than two of them.
fn span(time: Duration) -> (u64, &'static str) {
    match time.as_secs() / 60 {
        minutes if minutes < 120 => (minutes, "minutes"),
        minutes => (minutes / 60, "hours"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::span;

    #[test]
    fn a_time_is_told_in_minutes_or_hours() {
        let told = [60, 1800, 7140, 7200, 86_400].map(|seconds| span(Duration::from_secs(seconds)));
        let expected =
            [(1, "minutes"), (30, "minutes"), (119, "minutes"), (2, "hours"), (24, "hours")];
        assert_eq!(told, expected);
    }
}
