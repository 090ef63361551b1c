//! One dispatch, as it was recorded.

use std::fmt;

use dullahan_core::{Outcome, event::Kind};

/// One dispatch, as a [`Recorder`](super::Recorder) saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The name of the event.
    pub event: &'static str,
    /// The path of its type.
    pub type_name: &'static str,
    /// Event, process or saga.
    pub kind: Kind,
    /// How many dispatches it was inside of.
    pub depth: usize,
    /// The names of the events that led to it, outermost first, this one last.
    pub chain: Vec<&'static str>,
    /// What came of it.
    pub ending: RecordedEnding,
}

/// What came of a recorded dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordedEnding {
    /// The default action ran.
    Completed,
    /// A listener prevented the default action and responded.
    Prevented {
        /// The name of the listener that was first to prevent it.
        by: String,
    },
    /// It ended with an error.
    Failed {
        /// The code of the error.
        code: String,
    },
    /// It has not ended so far, or its future was dropped.
    Unfinished,
}

impl RecordedEnding {
    pub(super) fn new(outcome: Outcome<'_>) -> Self {
        match outcome {
            Outcome::Completed(()) => Self::Completed,
            Outcome::Prevented { by, .. } => Self::Prevented { by: by.to_owned() },
            Outcome::Failed(error) => Self::Failed { code: error.code().to_owned() },
        }
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indent = 2 * self.depth;
        write!(f, "{:indent$}{} ({}): {}", "", self.event, self.kind.as_str(), self.ending)
    }
}

impl fmt::Display for RecordedEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => f.write_str("completed"),
            Self::Prevented { by } => write!(f, "prevented by {by}"),
            Self::Failed { code } => write!(f, "failed with {code}"),
            Self::Unfinished => f.write_str("unfinished"),
        }
    }
}
