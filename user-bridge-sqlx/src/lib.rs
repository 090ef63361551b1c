#![doc = include_str!("../README.md")]

mod row;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use self::sqlite::{migrate, module};
