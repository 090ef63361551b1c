//! Mails as files in a folder.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use dullahan_core::{BoxFuture, Error, Result};
use dullahan_user::{
    domain::{MailId, MailMessage},
    port::Mailer,
};
use lettre::message::Mailbox;

use crate::{
    address::{InvalidSender, sender},
    message::message,
};

/// Writes each mail as an `.eml` file into a folder: for development and for tests.
///
/// The mails hold tokens in clear. On Unix the folder that it creates and each mail are therefore readable by their
/// owner alone, also in a folder that was there before. A mail appears whole: other programs never read half of one.
#[derive(Debug)]
pub struct EmlFolder {
    from: Mailbox,
    path: PathBuf,
}

impl EmlFolder {
    /// Opens a folder, creating it if need be. `from` is the sender: `Cellar <no-reply@cellar.example>`.
    ///
    /// # Errors
    ///
    /// If the folder cannot be created, or `from` is not a sender.
    pub fn create(path: impl AsRef<Path>, from: &str) -> Result<Self, EmlFolderError> {
        let from = sender(from)?;
        let path = path.as_ref();
        create_private(path)
            .map_err(|source| EmlFolderError::Folder { path: path.into(), source })?;
        Ok(Self { from, path: path.into() })
    }

    /// Where the mails lie.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a mail under another name first, and gives it its own once it is whole.
fn write_private(folder: &Path, mail: &[u8]) -> io::Result<()> {
    let path = folder.join(format!("{}.eml", MailId::new()));
    let unfinished = path.with_extension("part");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished)?.write_all(mail)?;
    fs::rename(unfinished, path)
}

impl Mailer for EmlFolder {
    fn send<'a>(&'a self, mail: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mail = message(&self.from, mail)?.formatted();
            let folder = self.path.clone();
            let writing = tokio::task::spawn_blocking(move || write_private(&folder, &mail));
            writing.await.map_err(Error::internal)?.map_err(Error::unavailable)
        })
    }
}

/// Why there is no such folder of mails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmlFolderError {
    /// The sender is not an address.
    #[error(transparent)]
    Sender(#[from] InvalidSender),
    /// The folder could not be created.
    #[error("the folder {} could not be created", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use dullahan_user::{domain::MailMessage, port::Mailer};

    use super::{EmlFolder, EmlFolderError};

    fn mail(subject: &str) -> MailMessage {
        let to = "zoë@example.org".parse().unwrap();
        MailMessage::new(to, subject, "Hello Zoë,\n\nhttps://cellar.example/#abc\n")
    }

    #[tokio::test]
    async fn a_mail_becomes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = EmlFolder::create(folder.path().join("in/side"), "Cellar <a@b.test>").unwrap();
        mailer.send(&mail("Welcome")).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(mailer.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].path().extension().unwrap(), "eml");
        let text = std::fs::read_to_string(files[0].path()).unwrap();
        assert!(text.contains("Subject: Welcome\r\n"), "{text}");
        assert!(text.contains("From: Cellar <a@b.test>\r\n"), "{text}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn user_16_a_mail_is_its_owners_alone_in_a_folder_that_was_there_before() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let mailer = EmlFolder::create(folder.path(), "a@b.test").unwrap();
        mailer.send(&mail("Welcome")).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 1);
        let mode = files[0].metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_subject_cannot_inject_a_header() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = EmlFolder::create(folder.path(), "a@b.test").unwrap();
        mailer.send(&mail("Hi\r\nBcc: eve@example.org")).await.unwrap();
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(!text.contains("\nBcc:"), "{text}");
    }

    #[test]
    fn what_is_wrong_with_a_folder_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let refused = EmlFolder::create(file.join("below"), "a@b.test").unwrap_err();
        assert!(matches!(refused, EmlFolderError::Folder { .. }));
        let refused = EmlFolder::create(folder.path(), "nobody").unwrap_err();
        assert!(matches!(refused, EmlFolderError::Sender(_)));
    }
}
