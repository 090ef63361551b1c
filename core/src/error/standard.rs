//! An [`Error`] among standard errors: boxed as one of them, and found again in their causes.

use std::{error::Error as StdError, fmt, io};

use super::{Error, Inner};

/// What becomes an [`Error`] through `?`: every [`std::error::Error`] that may be sent to another thread.
///
/// Implemented for all of them; there is nothing to write by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not become a `dullahan_core::Error`",
    label = "a boxed error needs `.map_err(dullahan_core::Error::from_boxed)?`, and one that is not `Send + Sync` \
             `.map_err(dullahan_core::Error::from_boxed_local)?`; any other type has to implement `std::error::Error`"
)]
pub trait ErrorSource: StdError + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<E: StdError + Send + Sync + 'static> ErrorSource for E {}

impl Error {
    /// Takes over what an [`Error`] among these causes says to a client; the outermost one counts.
    pub(super) fn adopt(&mut self, source: &(dyn StdError + 'static)) {
        let mut cause = Some(source);
        while let Some(source) = cause {
            if let Some(Standard(found)) = source.downcast_ref() {
                *self.inner = found.inner.without_source();
                return;
            }
            cause = match source.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                // What an `io::Error` is made of is not its source, but what that has for a source is.
                Some(custom) => Some(custom),
                None => source.source(),
            };
        }
    }
}

impl Inner {
    fn without_source(&self) -> Self {
        Self {
            kind: self.kind,
            code: self.code.clone(),
            message: self.message.clone(),
            violations: self.violations.clone(),
            retry_after: self.retry_after,
            is_retryable: self.is_retryable,
            is_rejection: self.is_rejection,
            nothing_done: self.nothing_done,
            source: None,
            origin: self.origin.clone(),
        }
    }
}

/// An [`Error`] where a standard one is asked for. It prints without its causes, which are its source.
pub(super) struct Standard(pub(super) Error);

/// The line for the log, with every cause: it is what a `main` that returns the error prints.
impl fmt::Debug for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_head(f)
    }
}

impl StdError for Standard {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source().map(|source| source as _)
    }
}

/// What an error said that cannot be sent to another thread, and what its causes said.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub(super) struct Text {
    said: String,
    source: Option<Box<Text>>,
}

impl Text {
    pub(super) fn of(error: &dyn StdError) -> Self {
        let source = error.source().map(|source| Box::new(Self::of(source)));
        Self { said: error.to_string(), source }
    }
}
