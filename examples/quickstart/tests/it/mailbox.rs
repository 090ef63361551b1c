//! The mails that the program has written as files.

use std::{fs, path::PathBuf};

use crate::home::eventually;

/// The folder of the mails that the program has written.
pub(crate) struct Mailbox {
    pub(crate) path: PathBuf,
}

/// A mail that is there as a whole.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Mailbox {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// All mails that are there as a whole.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .filter_map(|path| fs::read_to_string(path).ok())
            .filter_map(|file| Mail::parse(&file))
            .collect()
    }

    /// The mails to this address.
    pub(crate) fn mails_to(&self, to: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == to).collect()
    }

    /// Waits for a mail to this address with this in its subject.
    pub(crate) async fn wait_for(&self, to: &str, subject: &str) -> Mail {
        eventually(&format!("a mail `{subject}` to {to}"), async || {
            self.mails_to(to).into_iter().find(|mail| mail.subject.contains(subject))
        })
        .await
    }

    /// Waits for the token of the activation mail to this address.
    pub(crate) async fn wait_for_token(&self, to: &str) -> String {
        self.wait_for(to, "Activate").await.token().unwrap()
    }
}

impl Mail {
    /// The mail in a file, unless the file is still being written.
    fn parse(file: &str) -> Option<Self> {
        let (head, text) = file.split_once("\r\n\r\n")?;
        let header = |name: &str| {
            head.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(|value| value.trim().to_owned())
        };
        text.ends_with("\r\n").then_some(())?;
        Some(Self { to: header("To:")?, subject: header("Subject:")?, text: text.to_owned() })
    }

    /// The token: the one line that is 43 characters of base64url.
    pub(crate) fn token(&self) -> Option<String> {
        let is_token = |line: &&str| {
            line.len() == 43
                && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        self.text.lines().find(is_token).map(str::to_owned)
    }
}
