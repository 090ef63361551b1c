//! How a dispatch relates to the unit of work around it.

use std::sync::Arc;

use super::{context::Context, unit_of_work::Work};

/// How a dispatch relates to the unit of work around it.
#[derive(Clone, Copy)]
pub(super) enum Standing<'a> {
    /// There is none; a process has its own.
    Outside,
    /// It is a part of it; a process shares its fate.
    Inside(&'a Arc<Work>),
    /// It is a process that may fail alone.
    Savepoint(&'a Arc<Work>),
}

/// What a process does with the unit of work around it, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joining {
    /// It shares its fate.
    Whole,
    /// It takes a savepoint in it, and may fail alone.
    Savepoint,
}

impl<'a> Standing<'a> {
    pub(super) fn of(context: &'a Context, joining: Joining) -> Self {
        match (context.work(), joining) {
            (None, _) => Self::Outside,
            (Some(work), Joining::Whole) => Self::Inside(work),
            (Some(work), Joining::Savepoint) => Self::Savepoint(work),
        }
    }
}
