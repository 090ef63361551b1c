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

/// The output of a dispatch, and how it came about. Given by `ev.dispatch_with_outcome(..)`.
///
/// Its `Debug` leaves the output out, which may be secret.
#[non_exhaustive]
pub struct Dispatched<O> {
    /// The output.
    pub output: O,
    /// The name of the listener that prevented the default, if one did.
    pub prevented_by: Option<String>,
}

impl<O> Dispatched<O> {
    pub(crate) fn new(output: O, prevented_by: Option<String>) -> Self {
        Self { output, prevented_by }
    }
}

impl<O> std::fmt::Debug for Dispatched<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let by = &self.prevented_by;
        f.debug_struct("Dispatched").field("prevented_by", by).finish_non_exhaustive()
    }
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
