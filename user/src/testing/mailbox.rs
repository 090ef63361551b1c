//! The mails that an application sends, for its tests.

use dullahan_core::{BoxFuture, Result};
use parking_lot::Mutex;

use crate::{domain::MailMessage, port::Mailer};

/// A mailer that keeps what it is given.
#[derive(Debug, Default)]
pub struct Mailbox {
    mails: Mutex<Vec<MailMessage>>,
}

impl Mailbox {
    /// The mails to this address, the latest last.
    pub fn to(&self, address: &str) -> Vec<MailMessage> {
        let mails = self.mails.lock();
        mails.iter().filter(|mail| mail.to.as_str() == address).cloned().collect()
    }

    /// The token in the last mail to this address: a line that is nothing else.
    pub fn token(&self, address: &str) -> Option<String> {
        let mail = self.to(address).pop()?;
        let is_token = |line: &&str| line.len() == 43 && line.bytes().all(is_of_token);
        mail.text.lines().find(is_token).map(str::to_owned)
    }
}

/// Whether a token may have this byte: base64url.
pub(super) fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

impl Mailer for Mailbox {
    fn send<'a>(&'a self, mail: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
        self.mails.lock().push(mail.clone());
        Box::pin(async { Ok(()) })
    }
}
