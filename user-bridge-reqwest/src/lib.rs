#![doc = include_str!("../README.md")]

mod have_i_been_pwned;

pub use self::have_i_been_pwned::{HaveIBeenPwned, HaveIBeenPwnedError, HaveIBeenPwnedSettings};
