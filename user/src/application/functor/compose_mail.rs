//! A mail is written.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, Listener, Result};

use crate::{
    domain::{EmailAddress, MailKind, MailMessage, OwedMail, Settings, Token},
    presentation::event::transport::ComposeMail,
};

/// What an activation asks for beside the token.
const ASKS_PASSWORD: &str = "You will be asked for the password that you chose when you signed up. If that was not you, or \
    you do not remember it, choose a new one: the account then keeps nothing of the registration but this address.\n\n";

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

    /// How to stop a change of an address: follow the application's link, or enter the token.
    fn how_to_stop(&self, token: &Token) -> String {
        match self.settings.email_cancel_link.as_deref() {
            Some(link) => {
                format!("open this page:\n\n{}", link.replace("{token}", &token.expose()))
            }
            None => "enter the same token where it can be stopped.".to_owned(),
        }
    }

    /// When and from where an address was registered.
    fn origin(mail: &OwedMail) -> String {
        let Some(registration) = mail.registration else { return String::new() };
        let from = registration.address.map(|address| format!(", from {address}"));
        format!("\n\nThat was on {}{}.", registration.time(), from.unwrap_or_default())
    }

    /// The subject and what comes after the greeting.
    fn words(&self, mail: &OwedMail, token: Option<&Token>) -> Result<(String, String)> {
        let settings = &self.settings;
        let service = &settings.service_name;
        let token = || token.ok_or_else(|| Error::internal("this mail needs a token"));
        let ignore = "If it was not you, you need not do anything: nothing has changed.";
        let new = mail.new_email.as_ref().map_or("another one", EmailAddress::as_str);
        Ok(match mail.kind {
            MailKind::Activation => (
                format!("Activate your account at {service}"),
                format!(
                    "someone (hopefully you) signed up at {service} with this address.{}\n\n\
                     To activate the account, {}\n\n{}\
                     It is good for {}. If it was not you, do nothing: the account stays inactive.",
                    Self::origin(mail),
                    Self::how(settings.activation_link.as_deref(), token()?),
                    if settings.password_at_activation { ASKS_PASSWORD } else { "" },
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
                    "someone (hopefully you) wants to change the address of your account at {service} to {new}.\n\n\
                     {}\
                     If it was not you, stop it. That signs you out everywhere and removes your password, and a mail \
                     lets you choose a new one. To stop it, {}\n\nEither is possible for {}.",
                    if settings.email_change_needs_current {
                        let how = Self::how(settings.email_change_link.as_deref(), token()?);
                        format!("To agree, {how}\n\n")
                    } else {
                        format!("Your token is:\n\n{}\n\n", *token()?.expose())
                    },
                    self.how_to_stop(token()?),
                    span(settings.email_change_lifetime),
                ),
            ),
            MailKind::EmailChangeNew => (
                format!("Confirm this address for {service}"),
                format!(
                    "someone (hopefully you) wants their account at {service} to have this address.\n\n\
                     To agree, {}\n\nTo stop it, {}\n\nEither is possible for {}. {ignore}",
                    Self::how(settings.email_change_link.as_deref(), token()?),
                    self.how_to_stop(token()?),
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
            MailKind::AccountClosed => (
                format!("Your account at {service} is closed"),
                format!(
                    "your account at {service} is closed, as you asked for with your password, and all sessions were \
                     ended. It will be removed for good {}.\n\nTo keep it, log in before that. If you do not know the password, choose a new one \
                     first.\n\nIf it was not you, do so at once.",
                    mail.closed_until_text()
                        .map_or("soon".to_owned(), |until| format!("after {until}")),
                ),
            ),
            MailKind::AccountReopened => (
                format!("Your account at {service} is open again"),
                format!(
                    "your account at {service} was closed and is open again, as somebody has logged in with its \
                     password.\n\nIf it was not you, choose a new password at once."
                ),
            ),
            MailKind::AccountRemoved => (
                format!("Your account at {service} is removed"),
                format!(
                    "your account at {service} is removed, as you asked for with your password. This mailbox gets no \
                     more mails about it.\n\nIf it was not you, write to {service} at once."
                ),
            ),
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

impl Listener<DefaultAction<'_, ComposeMail>> for ComposeMailText {
    async fn call(&self, ev: DefaultAction<'_, ComposeMail>) -> Result<MailMessage> {
        let (subject, body) = self.words(&ev.mail, ev.token.as_ref())?;
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
