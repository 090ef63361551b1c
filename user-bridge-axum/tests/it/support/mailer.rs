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

    /// The subjects of the mails that were sent to this address, in the order of the alphabet.
    pub(crate) fn subjects(&self, address: &str) -> Vec<String> {
        let mut subjects: Vec<_> = self.to(address).into_iter().map(|mail| mail.subject).collect();
        subjects.sort();
        subjects
    }

    /// The token in the last mail to this address that has one.
    #[track_caller]
    pub(crate) fn token(&self, address: &str) -> String {
        let mails = self.to(address);
        let token = mails.iter().rev().find_map(|mail| find_token(&mail.text));
        token.unwrap_or_else(|| panic!("no mail with a token to {address}"))
    }

    /// Forgets what was sent.
    pub(crate) fn clear(&self) {
        self.sent.lock().clear();
    }
}

/// The token in a mail.
#[track_caller]
pub(crate) fn token_of(text: &str) -> String {
    find_token(text).unwrap_or_else(|| panic!("no token in the mail"))
}

/// The token in a mail: a line of 43 characters of base64url.
fn find_token(text: &str) -> Option<String> {
    let is_token = |line: &&str| {
        line.len() == 43
            && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.lines().find(is_token).map(str::to_owned)
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
