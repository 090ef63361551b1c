//! Where a dispatch stands: its core, its context and the events that led to it.

use tracing::Span;

use crate::{
    compensation::{Compensation, Compensations},
    context::Context,
    describe::EventDescription,
    dispatcher::Inner,
    trace::TraceNode,
};

/// One dispatch under way, linked to the one that it was dispatched from.
///
/// It lives on the stack of the dispatch and is borrowed by every handle, so flowing down costs nothing.
pub(crate) struct Scope<'a> {
    pub(crate) core: &'a Inner,
    pub(crate) context: &'a Context,
    pub(crate) description: &'a EventDescription,
    pub(crate) parent: Option<&'a Scope<'a>>,
    /// How many dispatches lead here.
    pub(crate) depth: usize,
    /// How many dispatches and wraps it is nested in, those of other cores and contexts among them.
    pub(crate) level: usize,
    /// The compensations, if this is the dispatch of a saga.
    pub(crate) compensations: Option<&'a Compensations>,
    /// Where the dispatch is noted, if a trace was asked for.
    pub(crate) trace: Option<TraceNode<'a>>,
    /// The span of the dispatch, if a subscriber may want one.
    pub(crate) span: Option<&'a Span>,
}

impl<'a> Scope<'a> {
    /// The compensations of the saga that this is part of.
    pub(crate) fn saga(&self) -> Option<&'a Compensations> {
        let (mut compensations, mut parent) = (self.compensations, self.parent);
        while let (None, Some(scope)) = (compensations, parent) {
            (compensations, parent) = (scope.compensations, scope.parent);
        }
        compensations
    }

    /// The names of the events that led here, outermost first, this one last.
    pub(crate) fn chain(&self) -> Vec<&'static str> {
        let mut chain = Vec::with_capacity(self.depth + 1);
        let mut scope = Some(self);
        while let Some(current) = scope {
            chain.push(current.description.name);
            scope = current.parent;
        }
        chain.reverse();
        chain
    }

    /// Keeps a compensation until the saga fails: at once outside of a unit of work, and with its commit inside
    /// of one, since what is rolled back needs none.
    pub(crate) fn compensate(&self, compensation: Box<dyn Compensation>) {
        if let Some(work) = self.context.work() {
            work.compensate(compensation);
        } else if let Some(saga) = self.saga() {
            saga.extend([compensation]);
        }
    }
}

impl std::fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Scope").field(&self.chain()).finish()
    }
}
