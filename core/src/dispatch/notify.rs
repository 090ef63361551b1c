//! Who is told what came of a dispatch: observers, monitors, the trace and the span at once, committed and rolled-back
//! listeners when the unit of work around is over.

use std::sync::Arc;

use super::{
    control::Control,
    entry::Entry,
    exchange::{Answer, AnyEvent, AnyOutput, Frame, Parts},
    scope::{EndedScope, Scope},
    spans,
    unit_of_work::{Deferred, Work},
};
use crate::{
    error::{Error, Result},
    future::{BoxFuture, catch},
    outcome::Outcome,
};

impl Entry {
    /// Shows the outcome to the observers, and notes it.
    pub(super) async fn observe(&self, frame: &mut Frame, result: &Result<()>, scope: &Scope<'_>) {
        let is_watched =
            spans::enabled() || scope.trace.is_some() || !scope.core.monitors.is_empty();
        let by = frame.control.prevented_by();
        let prevented_by = by.map(|by| self.before.name(by, scope));
        if is_watched {
            note(result, prevented_by, scope);
        }
        let parts = frame.parts();
        if !self.observe.is_empty() && (result.is_err() || parts.output.is_given()) {
            let context = &scope.context.observing();
            let scope = &Scope { context, ..*scope };
            self.observe.tell(parts, scope, result.as_ref().err()).await;
        }
        if is_watched {
            let outcome = Outcome::new(result.as_ref().err(), prevented_by, || &());
            scope.core.monitors.left(scope, outcome);
        }
    }

    /// Calls the committed or the rolled-back listeners.
    pub(super) async fn settle(
        &self,
        parts: Parts<'_>,
        ended: Result<(), &Error>,
        scope: &Scope<'_>,
    ) {
        match ended {
            Ok(()) if parts.output.is_given() => {
                self.committed.tell(parts, scope, None).await;
            }
            Err(error) => {
                self.rolled_back.tell(parts, scope, Some(error)).await;
            }
            Ok(()) => {}
        }
    }

    /// Keeps the event until its unit of work is over, if a listener waits for that, and gives the output. The last
    /// parameter is the error that it was undone by, if that was with a savepoint.
    pub(super) fn defer(
        &self,
        work: &Work,
        scope: &Scope<'_>,
        frame: Frame,
        result: Result<()>,
        undone_by: Option<Arc<Error>>,
    ) -> Result<Answer> {
        if !self.is_deferrable() {
            return result.map(|()| frame.answer());
        }
        let prevented_by = frame.control.prevented_by();
        let (event, output) = frame.exchange.split();
        let copy = result.as_ref().ok().and_then(|()| self.copy(&*output));
        let dispatch = EndedScope::of(scope);
        work.defer(Box::new(DeferredEvent { event, output: copy, dispatch }), undone_by);
        result.map(|()| Answer::of_output(output, prevented_by))
    }

    /// Copies an output for the committed listeners; a panic in that changes nothing for anybody else.
    fn copy(&self, output: &dyn AnyOutput) -> Option<Box<dyn AnyOutput>> {
        let copied = catch(|| self.copy_output.map(|copy| copy(output)));
        copied.unwrap_or_else(|error| {
            tracing::error!(
                event = self.name(),
                %error,
                "an output could not be copied, so no committed listener is called with it"
            );
            None
        })
    }
}

/// Notes the outcome in the span of the dispatch and in the trace.
fn note(result: &Result<()>, prevented_by: Option<&str>, scope: &Scope<'_>) {
    let completed = prevented_by.map_or("completed", |_| "prevented");
    if let Some(span) = scope.span {
        if let Some(by) = prevented_by {
            span.record("prevented_by", by);
        }
        span.record("outcome", result.as_ref().map_or_else(Error::code, |()| completed));
    }
    if let Some(trace) = scope.trace {
        if let Some(by) = prevented_by {
            trace.prevented(by);
        }
        trace.ended(result.as_ref().map(|()| completed));
    }
}

/// A plain event that has ended inside of a unit of work and is being observed. It has ended even if its future is
/// dropped meanwhile, so its listeners still wait for the end of the unit of work.
pub(super) struct Observed<'a> {
    entry: &'a Entry,
    work: &'a Work,
    scope: &'a Scope<'a>,
    outcome: Option<(Frame, Result<()>)>,
}

impl<'a> Observed<'a> {
    pub(super) fn new(
        entry: &'a Entry,
        work: &'a Work,
        scope: &'a Scope<'a>,
        frame: Frame,
        result: Result<()>,
    ) -> Self {
        Self { entry, work, scope, outcome: Some((frame, result)) }
    }

    /// Shows the outcome to the observers, and gives it.
    pub(super) async fn look(mut self) -> Result<Answer> {
        if let Some((frame, result)) = &mut self.outcome {
            self.entry.observe(frame, result, self.scope).await;
        }
        self.defer().unwrap_or_else(|| Err(Error::not_handled(self.entry.name())))
    }

    fn defer(&mut self) -> Option<Result<Answer>> {
        let (frame, result) = self.outcome.take()?;
        Some(self.entry.defer(self.work, self.scope, frame, result, None))
    }
}

impl Drop for Observed<'_> {
    fn drop(&mut self) {
        drop(self.defer());
    }
}

/// An event whose committed or rolled-back listeners wait for the end of its unit of work.
struct DeferredEvent {
    event: Box<AnyEvent>,
    output: Option<Box<dyn AnyOutput>>,
    dispatch: EndedScope,
}

impl Deferred for DeferredEvent {
    fn settle<'a>(
        mut self: Box<Self>,
        process: &'a Scope<'a>,
        ended: Result<(), &'a Error>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let scope = self.dispatch.within(process.saga());
            let nothing: &mut dyn AnyOutput = &mut None::<()>;
            let output = self.output.as_deref_mut().unwrap_or(nothing);
            let control = &mut Control::default();
            let parts = Parts { event: &mut *self.event, output, control };
            scope.entry.settle(parts, ended, &scope).await;
        })
    }
}
