//! A mail is written.

use std::sync::Arc;

use dullahan_core::{Error, Listener, Perform, Result};

use crate::{
    domain::{MailKind, MailMessage, Settings, Token},
    presentation::event::transport::ComposeMail,
};

functor! {
    /// Writes a mail as plain text, in English.
    pub struct ComposeMailText {
        settings: Arc<Settings>,
    }
}

impl ComposeMailText {
    /// What to do with the token: follow the application's link, or enter it.
    fn how(link: Option<&str>, token: &Token) -> String {
        let token = token.expose();
        match link {
            Some(link) => format!("open this page:\n\n{}", link.replace("{token}", &token)),
            None => format!("enter this token:\n\n{}", *token),
        }
    }

    /// The subject and what comes after the greeting.
    fn words(&self, kind: MailKind, token: Option<&Token>) -> Result<(String, String)> {
        let settings = &self.settings;
        let service = &settings.service_name;
        let token = || token.ok_or_else(|| Error::internal("this mail needs a token"));
        let ignore = "If it was not you, you need not do anything: nothing has changed.";
        Ok(match kind {
            MailKind::Activation => (
                format!("Activate your account at {service}"),
                format!(
                    "somebody, we hope you, has registered this address at {service}.\n\n\
                     To activate the account, {}\n\n\
                     It is good for {}. If it was not you, do nothing: the account stays inactive.",
                    Self::how(settings.activation_link.as_deref(), token()?),
                    span(settings.activation_lifetime),
                ),
            ),
            MailKind::AlreadyRegistered => (
                format!("You already have an account at {service}"),
                format!(
                    "somebody, perhaps you, has tried to register this address at {service}, where it has \
                     an account already.\n\nNothing has changed. If it was you, log in instead; if it was \
                     not, you need not do anything."
                ),
            ),
            MailKind::CompleteRegistration => (
                format!("Complete your registration at {service}"),
                format!(
                    "somebody, we hope you, has registered this address at {service}, and not for the first \
                     time. As nobody can tell whose password the account had, that one was dropped.\n\n\
                     To choose a new one and activate the account, {}\n\n\
                     It is good for {}. If it was not you, do nothing: the account stays inactive.",
                    Self::how(settings.password_reset_link.as_deref(), token()?),
                    span(settings.password_reset_lifetime),
                ),
            ),
            MailKind::PasswordReset => (
                format!("A new password for {service}"),
                format!(
                    "somebody, we hope you, wants to choose a new password for your account at {service}.\n\n\
                     To choose one, {}\n\nIt is good for {}. {ignore}",
                    Self::how(settings.password_reset_link.as_deref(), token()?),
                    span(settings.password_reset_lifetime),
                ),
            ),
            MailKind::PasswordChanged => (
                format!("Your password for {service} was changed"),
                format!(
                    "the password of your account at {service} was changed, and all other sessions were \
                     ended.\n\nIf it was not you, choose a new password at once, and make sure that nobody \
                     else can read your mails."
                ),
            ),
            MailKind::EmailChangeCurrent => (
                format!("Another address for your account at {service}"),
                format!(
                    "somebody, we hope you, wants your account at {service} to have another address than \
                     this one.\n\nTo agree, or to stop it, {}\n\nIt is good for {}. If it was not you, stop \
                     it and change your password.",
                    Self::how(settings.email_change_link.as_deref(), token()?),
                    span(settings.email_change_lifetime),
                ),
            ),
            MailKind::EmailChangeNew => (
                format!("Confirm this address for {service}"),
                format!(
                    "somebody, we hope you, wants their account at {service} to have this address.\n\n\
                     To agree, or to stop it, {}\n\nIt is good for {}. {ignore}",
                    Self::how(settings.email_change_link.as_deref(), token()?),
                    span(settings.email_change_lifetime),
                ),
            ),
            MailKind::EmailChangeTaken => (
                format!("Your address at {service}"),
                format!(
                    "somebody wants their account at {service} to have this address, where it belongs to \
                     your account already.\n\nNothing has changed. If it was you, use this account, or remove \
                     it first; if it was not, you need not do anything."
                ),
            ),
            MailKind::Custom(custom) => {
                return Err(Error::internal(Unwritten { name: custom.name().to_owned() }));
            }
            MailKind::EmailChanged => (
                format!("Your account at {service} has another address"),
                format!(
                    "your account at {service} has another address from now on, and all sessions were \
                     ended. This mailbox gets no more mails about it.\n\nIf it was not you, write to {service} \
                     at once."
                ),
            ),
        })
    }
}

impl Listener<Perform<'_, ComposeMail>> for ComposeMailText {
    async fn call(&self, ev: Perform<'_, ComposeMail>) -> Result<MailMessage> {
        let (subject, body) = self.words(ev.mail.kind, ev.token.as_ref())?;
        let greeting = match &ev.mail.display_name {
            Some(name) => format!("Hello {},", name.as_str()),
            None => "Hello,".to_owned(),
        };
        let text = format!("{greeting}\n\n{body}\n");
        Ok(MailMessage::new(ev.mail.email.clone(), subject, text))
    }
}

/// An application has added a kind of mail, and nothing writes it.
#[derive(Debug, thiserror::Error)]
#[error(
    "nothing writes the mail `{name}`: register a listener before `ComposeMail` that does so and calls `replace`"
)]
struct Unwritten {
    name: String,
}

/// A time in hours, or in minutes where it is less than two of them.
fn span(time: std::time::Duration) -> String {
    match time.as_secs() / 60 {
        1 => "1 minute".to_owned(),
        minutes if minutes < 120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::span;

    #[test]
    fn a_time_is_told_in_minutes_or_hours() {
        let told: Vec<_> = [60, 1800, 3600, 7200, 86_400]
            .map(|seconds| span(Duration::from_secs(seconds)))
            .to_vec();
        assert_eq!(told, ["1 minute", "30 minutes", "60 minutes", "2 hours", "24 hours"]);
    }
}
