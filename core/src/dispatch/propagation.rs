//! How a dispatch relates to the unit of work around it.

use std::sync::Arc;

use super::{context::Context, unit_of_work::Work};

/// How a dispatch relates to the unit of work around it.
#[derive(Clone, Copy)]
pub(super) enum Enclosing<'a> {
    /// There is none; a process has its own.
    Outside,
    /// It is a part of it; a process shares its fate.
    Inside(&'a Arc<Work>),
    /// It is a process that may fail alone.
    Savepoint(&'a Arc<Work>),
}

/// What a process does with the unit of work around it, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Propagation {
    /// It shares its fate.
    Whole,
    /// It takes a savepoint in it, and may fail alone.
    Savepoint,
}

impl<'a> Enclosing<'a> {
    pub(super) fn of(context: &'a Context, propagation: Propagation) -> Self {
        match (context.work(), propagation) {
            (None, _) => Self::Outside,
            (Some(work), Propagation::Whole) => Self::Inside(work),
            (Some(work), Propagation::Savepoint) => Self::Savepoint(work),
        }
    }
}
