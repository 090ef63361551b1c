//! An error as text, for the log.

use std::{error::Error as StdError, fmt};

use super::Error;

impl Error {
    /// One line without its causes: what, where, and what is wrong with the request.
    pub(super) fn fmt_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message(), self.code())?;
        if let Some(origin) = &self.inner.origin {
            if let Some(listener) = &origin.listener {
                write!(f, " in `{listener}`")?;
            }
            write!(f, " of {}", origin.chain.join(" > "))?;
        }
        for violation in self.violations() {
            write!(f, "; {} {}", violation.pointer(), violation.code())?;
        }
        Ok(())
    }
}

/// One line for the log: what, where, and every cause.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_head(f)?;
        let mut cause = self.source().map(|source| source as &dyn StdError);
        while let Some(source) = cause {
            write!(f, ": {source}")?;
            cause = source.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("code", &self.code())
            .field("message", &self.message())
            .field("violations", &self.violations())
            .field("listener", &self.listener())
            .field("chain", &self.chain())
            .field("source", &self.inner.source)
            .finish()
    }
}
