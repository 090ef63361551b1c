#![doc = include_str!("../README.md")]

mod mail_templates;
mod shipped;
mod values;

pub use self::mail_templates::MailTemplates;
