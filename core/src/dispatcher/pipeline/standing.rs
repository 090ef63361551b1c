//! How a dispatch relates to a unit of work.

use std::sync::Arc;

use crate::{
    context::Context,
    event::{Event, Kind},
    unit_of_work::Work,
};

/// How a dispatch relates to a unit of work.
#[derive(Clone, Copy)]
pub(crate) enum Standing<'a> {
    /// A plain event or a saga, outside of any unit of work.
    Outside,
    /// A plain event or a saga, inside of one.
    Inside(&'a Arc<Work>),
    /// A process that has its own.
    Owner,
    /// A process that shares one.
    Joined(&'a Arc<Work>),
    /// A process that shares one and may fail alone.
    Savepoint(&'a Arc<Work>),
}

impl<'a> Standing<'a> {
    pub(crate) fn of<E: Event>(context: &'a Context) -> Self {
        match (Kind::of::<E>(), context.work()) {
            (Kind::Process, None) => Self::Owner,
            (Kind::Process, Some(work)) => Self::Joined(work),
            (Kind::Event | Kind::Saga, None) => Self::Outside,
            (Kind::Event | Kind::Saga, Some(work)) => Self::Inside(work),
        }
    }
}
