//! An SMTP server, and what a test of the module needs besides.

mod clock;
mod server;
mod session;

pub(crate) use self::{
    clock::TestClock,
    server::{SmtpServer, Trouble},
};

use dullahan_user::domain::{MailId, MailMessage};
use dullahan_user_bridge_lettre::{SmtpMailer, SmtpSecurity, SmtpSettings};

/// How mails say where they are from.
pub(crate) const FROM: &str = "Cellar <no-reply@cellar.example>";

/// A mailer for a server without encryption, with what a test changes.
pub(crate) fn mailer_with(
    server: &SmtpServer,
    change: impl FnOnce(&mut SmtpSettings),
) -> SmtpMailer {
    SmtpMailer::new(settings_with(server, change), FROM).unwrap()
}

/// A mailer for a server without encryption, whose mails are from `sender`.
pub(crate) fn mailer_from(server: &SmtpServer, sender: &str) -> SmtpMailer {
    SmtpMailer::new(settings_with(server, |_| {}), sender).unwrap()
}

fn settings_with(server: &SmtpServer, change: impl FnOnce(&mut SmtpSettings)) -> SmtpSettings {
    let mut settings = SmtpSettings::new("127.0.0.1");
    settings.port = server.port();
    settings.security = SmtpSecurity::None;
    change(&mut settings);
    settings
}

pub(crate) fn mailer(server: &SmtpServer) -> SmtpMailer {
    mailer_with(server, |_| {})
}

/// An owed mail in plain text.
pub(crate) fn mail(to: &str) -> MailMessage {
    let text = "Hello,\n\nit is good to have you.\n";
    MailMessage {
        id: Some(MailId::new()),
        ..MailMessage::new(to.parse().unwrap(), "Welcome", text)
    }
}
