//! Who is told the outcome: observers, monitors, the trace, the span.

use super::{Pipeline, settling::isolate};
use crate::{
    dispatcher::spans,
    error::Result,
    event::Event,
    monitor::Ending,
    phase::{Frame, Observe, Outcome},
    scope::Scope,
};

impl<E: Event> Pipeline<E> {
    /// Shows the outcome to the observers.
    pub(super) async fn observe(&self, frame: &Frame<E>, result: &Result<()>, scope: &Scope<'_>) {
        let is_watched =
            spans::enabled() || scope.trace.is_some() || !scope.core.monitors.is_empty();
        if is_watched || !self.observe.is_empty() {
            self.tell_all(frame, result, scope).await;
        }
    }

    async fn tell_all(&self, frame: &Frame<E>, result: &Result<()>, scope: &Scope<'_>) {
        if spans::enabled() {
            self.record(frame, result, scope);
        }
        let prevented_by = frame.control.prevented_by().map(|by| self.before.name(by, scope));
        if let Some(trace) = scope.trace {
            if let Some(by) = prevented_by {
                trace.prevented(by);
            }
            let completed = prevented_by.map_or("completed", |_| "prevented");
            trace.ended(result.as_ref().map(|()| completed));
        }
        let inside = scope.context.work().is_some() && !self.observe.is_empty();
        let observing = inside.then(|| scope.context.observing());
        let observed = &Scope { context: observing.as_ref().unwrap_or(scope.context), ..*scope };
        for index in 0..self.observe.entries().len() {
            let outcome = match (result, &frame.output, frame.control.prevented_by()) {
                (Err(error), _, _) => Outcome::Failed(error),
                (Ok(()), Some(output), None) => Outcome::Completed(output),
                (Ok(()), Some(output), Some(by)) => {
                    Outcome::Prevented { by: self.before.name(by, scope), output }
                }
                (Ok(()), None, _) => return,
            };
            let handle = Observe { event: &frame.event, outcome, scope: observed };
            isolate(&self.observe, index, handle, observed).await;
        }
        scope.core.monitors.left(
            scope,
            &match (result, prevented_by) {
                (Err(error), _) => Ending::Failed(error),
                (Ok(()), Some(by)) => Ending::Prevented { by },
                (Ok(()), None) => Ending::Completed,
            },
        );
    }

    /// Writes the outcome into the span of the dispatch.
    fn record(&self, frame: &Frame<E>, result: &Result<()>, scope: &Scope<'_>) {
        let span = tracing::Span::current();
        if !spans::is_of_dispatch(&span) {
            return;
        }
        if let Some(by) = frame.control.prevented_by() {
            span.record("prevented_by", self.before.name(by, scope));
        }
        let outcome = match (result, frame.control.prevented_by()) {
            (Err(error), _) => error.code(),
            (Ok(()), Some(_)) => "prevented",
            (Ok(()), None) => "completed",
        };
        span.record("outcome", outcome);
    }
}
