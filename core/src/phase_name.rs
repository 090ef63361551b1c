//! The names of the phases.

use serde::Serialize;

/// The phases, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// Before the default action.
    Before,
    /// Around the default action.
    Wrap,
    /// The default action itself.
    Default,
    /// After the default action.
    After,
    /// Whatever came of it.
    Observe,
    /// Once it is committed.
    Committed,
    /// Once it is rolled back.
    RolledBack,
}

impl PhaseName {
    /// The word for it in dumps and errors.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Wrap => "wrap",
            Self::Default => "default",
            Self::After => "after",
            Self::Observe => "observe",
            Self::Committed => "committed",
            Self::RolledBack => "rolled back",
        }
    }
}
