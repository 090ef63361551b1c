#![doc = include_str!("../README.md")]

pub mod application;
pub mod docs;
pub mod domain;
pub mod infrastructure;
pub mod port;
pub mod presentation;
mod refuse_breached_passwords;
#[cfg(feature = "testing")]
pub mod testing;
mod user_module;

pub use self::{refuse_breached_passwords::RefuseBreachedPasswords, user_module::UserModule};
