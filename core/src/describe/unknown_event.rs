//! An event that is not there.

use crate::near::near;

/// No event has the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEvent {
    wanted: String,
    near: Vec<&'static str>,
}

impl UnknownEvent {
    pub(super) fn new(wanted: &str, names: impl Iterator<Item = &'static str>) -> Self {
        Self { wanted: wanted.to_owned(), near: near(wanted, names) }
    }

    /// The name that was asked for.
    pub fn wanted(&self) -> &str {
        &self.wanted
    }

    /// The names near it, the nearest first.
    pub fn near(&self) -> &[&'static str] {
        &self.near
    }
}

impl std::error::Error for UnknownEvent {}

impl std::fmt::Display for UnknownEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no event `{}`", self.wanted)?;
        match self.near.split_last() {
            None => f.write_str(", nor one with a name near that"),
            Some((one, [])) => write!(f, "; did you mean `{one}`?"),
            Some((last, others)) => {
                write!(f, "; did you mean `{}` or `{last}`?", others.join("`, `"))
            }
        }
    }
}
