//! Why a database could not be opened.

use std::fmt;

/// Why a database could not be opened: which one, the reason, and what to do.
///
/// It names the file, or the server with the database and the user, and no password. Its `Debug` says the same as its
/// `Display`, as that is what a `main` that returns it prints.
#[derive(thiserror::Error)]
#[error("{what} cannot be opened: {reason}")]
pub struct OpenError {
    what: String,
    reason: String,
}

impl OpenError {
    pub(crate) fn new(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { what: what.into(), reason: reason.into() }
    }
}

impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The scheme of an address, if it has one: of `mysql://user@host/database` it is `mysql`.
pub(crate) fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once("://")?;
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.bytes().all(is_one).then_some(scheme)
}
