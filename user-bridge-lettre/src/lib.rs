#![doc = include_str!("../README.md")]

mod address;
mod eml_folder;
mod message;
mod smtp_mailer;

pub use self::{
    address::InvalidSender,
    eml_folder::{EmlFolder, EmlFolderError},
    smtp_mailer::{
        InvalidSmtpUrl, SmtpCredentials, SmtpMailer, SmtpMailerError, SmtpSecurity, SmtpSettings,
    },
};
