//! The committed and the rolled-back listeners, at once or when the unit of work around is over.

use std::sync::Arc;

use super::Pipeline;
use crate::{
    dispatcher::{lane::Lane, roll::Callable},
    error::{Error, Result},
    event::Event,
    future::{BoxFuture, catch},
    listener::Invocation,
    phase::{Committed, CommittedPhase, Frame, RolledBack, RolledBackPhase},
    scope::{EndedScope, Scope},
    unit_of_work::{Deferred, Settlement, Work},
};

impl<E: Event> Pipeline<E> {
    /// Calls the committed or the rolled-back listeners.
    pub(super) async fn settle(
        &self,
        event: &E,
        output: Option<&E::Output>,
        settlement: Settlement<'_>,
        scope: &Scope<'_>,
    ) {
        match (settlement, output) {
            (Settlement::Committed, Some(output)) if !self.committed.is_empty() => {
                let listeners = &mut AfterCommit { lane: &self.committed, event, output };
                self.committed.roll().tell(listeners, scope).await;
            }
            (Settlement::RolledBack(error), _) if !self.rolled_back.is_empty() => {
                let listeners = &mut AfterRollback { lane: &self.rolled_back, event, error };
                self.rolled_back.roll().tell(listeners, scope).await;
            }
            (Settlement::Committed | Settlement::RolledBack(_), _) => {}
        }
    }

    /// Copies an output for the committed listeners; a panic in that changes nothing for anybody else.
    fn copy(&self, output: &E::Output) -> Option<E::Output> {
        let copied = catch(|| self.copy_output.map(|copy| copy(output)));
        copied.unwrap_or_else(|error| {
            tracing::error!(
                event = E::NAME,
                %error,
                "an output could not be copied, so no committed listener is called with it"
            );
            None
        })
    }

    /// Keeps the event until its unit of work is over, if a listener waits for that, and returns the output. The last
    /// parameter is the error that it was undone by, if that was with a savepoint.
    pub(super) fn defer(
        &self,
        work: &Work,
        scope: &Scope<'_>,
        mut frame: Frame<E>,
        result: Result<()>,
        undone_by: Option<Arc<Error>>,
    ) -> Result<E::Output> {
        let output = match result {
            Ok(()) => frame.output.take().ok_or_else(|| Error::not_handled(E::NAME)),
            Err(error) => Err(error),
        };
        if !self.committed.is_empty() || !self.rolled_back.is_empty() {
            let copy = output.as_ref().ok().and_then(|output| self.copy(output));
            let dispatch = EndedScope::of(scope, &self.description);
            let event = Box::new(DeferredEvent { event: frame.event, output: copy, dispatch });
            work.defer(event, undone_by);
        }
        output
    }
}

/// Where an error arose that the store gave when a savepoint was to be kept.
pub(super) const SAVEPOINT: &str = "the savepoint of the unit of work";

/// A plain event that has ended inside of a unit of work and is being observed. It has ended even if its future is
/// dropped meanwhile, so its listeners still wait for the end of the unit of work.
pub(super) struct Observed<'a, E: Event> {
    pipeline: &'a Pipeline<E>,
    work: &'a Work,
    scope: &'a Scope<'a>,
    outcome: Option<(Frame<E>, Result<()>)>,
}

impl<'a, E: Event> Observed<'a, E> {
    pub(super) fn new(
        pipeline: &'a Pipeline<E>,
        work: &'a Work,
        scope: &'a Scope<'a>,
        frame: Frame<E>,
        result: Result<()>,
    ) -> Self {
        Self { pipeline, work, scope, outcome: Some((frame, result)) }
    }

    /// Shows the outcome to the observers, and gives it.
    pub(super) async fn look(mut self) -> Result<E::Output> {
        if let Some((frame, result)) = &self.outcome {
            self.pipeline.observe(frame, result, self.scope).await;
        }
        self.defer().unwrap_or_else(|| Err(Error::not_handled(E::NAME)))
    }

    fn defer(&mut self) -> Option<Result<E::Output>> {
        let (frame, result) = self.outcome.take()?;
        Some(self.pipeline.defer(self.work, self.scope, frame, result, None))
    }
}

impl<E: Event> Drop for Observed<'_, E> {
    fn drop(&mut self) {
        drop(self.defer());
    }
}

/// An event whose committed or rolled-back listeners wait for the end of its unit of work.
struct DeferredEvent<E: Event> {
    event: E,
    output: Option<E::Output>,
    dispatch: EndedScope,
}

impl<E: Event> Deferred for DeferredEvent<E> {
    fn settle<'a>(
        self: Box<Self>,
        process: &'a Scope<'a>,
        settlement: Settlement<'a>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Some(pipeline) = self.dispatch.core().pipeline::<E>() {
                let scope = self.dispatch.within(process.saga());
                pipeline.settle(&self.event, self.output.as_ref(), settlement, &scope).await;
            }
        })
    }
}

/// The listeners that a commit is told to.
struct AfterCommit<'l, E: Event> {
    lane: &'l Lane<CommittedPhase<E>>,
    event: &'l E,
    output: &'l E::Output,
}

impl<E: Event> Callable for AfterCommit<'_, E> {
    fn call<'a>(&'a mut self, index: usize, scope: &'a Scope<'a>) -> Invocation<'a, ()> {
        self.lane.invoke(index, Committed { event: self.event, output: self.output, scope })
    }
}

/// The listeners that a rollback is told to.
struct AfterRollback<'l, E: Event> {
    lane: &'l Lane<RolledBackPhase<E>>,
    event: &'l E,
    error: &'l Error,
}

impl<E: Event> Callable for AfterRollback<'_, E> {
    fn call<'a>(&'a mut self, index: usize, scope: &'a Scope<'a>) -> Invocation<'a, ()> {
        self.lane.invoke(index, RolledBack { event: self.event, error: self.error, scope })
    }
}
