//! What came of a dispatch.

use crate::error::Error;

/// What came of a dispatch, with its output where the event is known.
///
/// Its `Debug` leaves the output out, which may be secret.
pub enum Outcome<'a, O = ()> {
    /// The default action ran, or a wrap answered in its place, and this is the output.
    Completed(&'a O),
    /// A listener prevented the default action.
    Prevented {
        /// The name of the listener that was first to do so.
        by: &'a str,
        /// The output that was given instead.
        output: &'a O,
    },
    /// The dispatch ended with an error.
    Failed(&'a Error),
}

impl<'a, O> Outcome<'a, O> {
    pub(crate) fn new(
        error: Option<&'a Error>,
        prevented_by: Option<&'a str>,
        output: impl FnOnce() -> &'a O,
    ) -> Self {
        match (error, prevented_by) {
            (Some(error), _) => Self::Failed(error),
            (None, Some(by)) => Self::Prevented { by, output: output() },
            (None, None) => Self::Completed(output()),
        }
    }
}

impl<O> Clone for Outcome<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for Outcome<'_, O> {}

impl<O> std::fmt::Debug for Outcome<'_, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Completed(_) => f.write_str("Completed"),
            Self::Prevented { by, .. } => write!(f, "Prevented by {by}"),
            Self::Failed(error) => write!(f, "Failed: {error}"),
        }
    }
}
