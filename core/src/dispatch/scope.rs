//! Where a dispatch stands: its core, its context and the events that led to it.

use tracing::Span;

use super::{
    Core, Entry, Inner,
    compensation::{Compensation, Compensations},
    context::Context,
};
use crate::{depth, trace::TraceNode};

/// One dispatch under way, linked to the one that it was dispatched from.
///
/// It lives on the stack of the dispatch and is borrowed by every handle, so flowing down costs nothing.
pub(crate) struct Scope<'a> {
    pub(crate) core: &'a Inner,
    pub(crate) context: &'a Context,
    pub(crate) entry: &'a Entry,
    pub(crate) parent: Option<&'a Scope<'a>>,
    /// The names of the events that led here, where the dispatch outlives them and so has no parent.
    pub(crate) ancestors: &'a [&'static str],
    /// How many dispatches lead here.
    pub(crate) depth: usize,
    /// The level that it is at, on the stack too: dispatches of other cores and contexts around it count as well.
    pub(crate) level: usize,
    /// The compensations, if this is the dispatch of a saga.
    pub(crate) compensations: Option<&'a Compensations>,
    /// Where the dispatch is noted, if a trace was asked for.
    pub(crate) trace: Option<TraceNode<'a>>,
    /// The span of the dispatch, if a subscriber may want one.
    pub(crate) span: Option<&'a Span>,
    /// The [id](Self::id) of the dispatch, where this is one of its attempts, or its end.
    pub(crate) part_of: Option<usize>,
}

impl<'a> Scope<'a> {
    /// Tells the dispatch from every other one that is under way.
    pub(crate) fn id(&self) -> usize {
        self.part_of.unwrap_or_else(|| std::ptr::from_ref(self).addr())
    }

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
        let mut scope = self;
        chain.push(scope.entry.name());
        while let Some(parent) = scope.parent {
            chain.push(parent.entry.name());
            scope = parent;
        }
        chain.extend(scope.ancestors.iter().rev());
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

/// A dispatch whose phases have ended, with everything of its own: what is still to follow may outlive its caller.
///
/// Its context is outside of any unit of work and has no deadline.
pub(crate) struct EndedScope {
    core: Core,
    context: Context,
    /// Where the entry of its event stands in the core.
    entry: usize,
    ancestors: Vec<&'static str>,
    depth: usize,
    /// Its number in the trace.
    trace: Option<usize>,
    id: usize,
    /// The span of the dispatch, unless that has ended.
    span: Option<Span>,
}

impl EndedScope {
    /// The end of this dispatch.
    pub(crate) fn of(scope: &Scope<'_>) -> Self {
        let mut ancestors = scope.chain();
        ancestors.pop();
        Self {
            core: scope.core.to_core(),
            context: scope.context.outside().untimed(),
            entry: scope.entry.index,
            ancestors,
            depth: scope.depth,
            trace: scope.trace.map(TraceNode::id),
            id: scope.id(),
            span: None,
        }
    }

    /// The end of this dispatch, in its span.
    pub(crate) fn in_span(scope: &Scope<'_>) -> Self {
        Self { span: scope.span.cloned(), ..Self::of(scope) }
    }

    /// The dispatch, as a part of this saga.
    pub(crate) fn within<'a>(&'a self, saga: Option<&'a Compensations>) -> Scope<'a> {
        let log = self.context.trace_log();
        Scope {
            core: self.core.inner(),
            context: &self.context,
            entry: &self.core.inner().entries[self.entry],
            parent: None,
            ancestors: &self.ancestors,
            depth: self.depth,
            level: depth::current().saturating_sub(depth::DISPATCH),
            compensations: saga,
            trace: log.zip(self.trace).map(|(log, id)| log.node(id)),
            span: self.span.as_ref(),
            part_of: Some(self.id),
        }
    }
}
