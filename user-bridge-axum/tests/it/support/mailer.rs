//! A mailer that keeps what it is given, unless told to fail.

use dullahan_core::{BoxFuture, Error, Result};
use dullahan_user::{domain::MailMessage, port::Mailer};
use parking_lot::Mutex;

/// A mailer that keeps what it is given, unless told to fail.
#[derive(Default)]
pub(crate) struct TestMailer {
    sent: Mutex<Vec<MailMessage>>,
    trouble: Mutex<Trouble>,
}

/// What is wrong with the transport.
#[derive(Clone, Default)]
pub(crate) enum Trouble {
    #[default]
    None,
    Fails,
    Panics,
    /// It does not take mails to this address.
    Refuses(&'static str),
}

impl TestMailer {
    pub(crate) fn set(&self, trouble: Trouble) {
        *self.trouble.lock() = trouble;
    }

    /// The mails that were sent to this address, oldest first.
    pub(crate) fn to(&self, address: &str) -> Vec<MailMessage> {
        let sent = self.sent.lock();
        sent.iter().filter(|mail| mail.to.as_str() == address).cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.sent.lock().len()
    }

    /// The token in the last mail to this address.
    #[track_caller]
    pub(crate) fn token(&self, address: &str) -> String {
        let mails = self.to(address);
        let mail = mails.last().unwrap_or_else(|| panic!("no mail to {address}"));
        token_of(&mail.text)
    }
}

/// The token in a mail: a line of 43 characters of base64url.
#[track_caller]
pub(crate) fn token_of(text: &str) -> String {
    let is_token = |line: &&str| {
        line.len() == 43
            && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.lines().find(is_token).unwrap_or_else(|| panic!("no token in the mail")).to_owned()
}

impl Mailer for TestMailer {
    fn send<'a>(&'a self, mail: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let trouble = self.trouble.lock().clone();
            match trouble {
                Trouble::Fails => Err(Error::unavailable("the transport is down")),
                Trouble::Panics => panic!("the transport broke"),
                Trouble::Refuses(address) if mail.to.as_str() == address => {
                    Err(Error::internal("no such mailbox"))
                }
                Trouble::None | Trouble::Refuses(_) => {
                    self.sent.lock().push(mail.clone());
                    Ok(())
                }
            }
        })
    }
}
