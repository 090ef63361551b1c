#![doc = include_str!("../README.md")]

pub mod application;
pub mod docs;
pub mod domain;
pub mod infrastructure;
pub mod port;
pub mod presentation;
#[cfg(feature = "testing")]
pub mod testing;
mod user_module;

pub use self::user_module::UserModule;
