//! Who is told the outcome: observers, monitors, the trace, the span.

use super::Pipeline;
use crate::{
    dispatcher::{lane::Lane, roll::Callable, spans},
    error::{Error, Result},
    event::Event,
    listener::Invocation,
    monitor::Ending,
    phase::{Frame, Observe, ObservePhase, Outcome},
    scope::Scope,
};

impl<E: Event> Pipeline<E> {
    /// Shows the outcome to the observers.
    pub(super) async fn observe(&self, frame: &Frame<E>, result: &Result<()>, scope: &Scope<'_>) {
        let is_watched = is_dispatch_watched(scope);
        let prevented_by = || frame.control.prevented_by().map(|by| self.before.name(by, scope));
        if is_watched {
            note(result, prevented_by(), scope);
        }
        if !self.observe.is_empty() {
            let outcome = match (result, &frame.output, prevented_by()) {
                (Err(error), _, _) => Outcome::Failed(error),
                (Ok(()), Some(output), None) => Outcome::Completed(output),
                (Ok(()), Some(output), Some(by)) => Outcome::Prevented { by, output },
                (Ok(()), None, _) => return,
            };
            let context = &scope.context.observing();
            let scope = &Scope { context, ..*scope };
            let observers = &mut Observers { lane: &self.observe, event: &frame.event, outcome };
            self.observe.roll().tell(observers, scope).await;
        }
        if is_watched {
            scope.core.monitors.left(scope, &ending(result, prevented_by()));
        }
    }
}

/// The observers of one dispatch.
struct Observers<'l, E: Event> {
    lane: &'l Lane<ObservePhase<E>>,
    event: &'l E,
    outcome: Outcome<'l, E>,
}

impl<E: Event> Callable for Observers<'_, E> {
    fn call<'a>(&'a mut self, index: usize, scope: &'a Scope<'a>) -> Invocation<'a, ()> {
        self.lane.invoke(index, Observe { event: self.event, outcome: self.outcome, scope })
    }
}

/// Whether somebody wants to know of the outcome: a subscriber, a trace, a monitor.
fn is_dispatch_watched(scope: &Scope<'_>) -> bool {
    spans::enabled() || scope.trace.is_some() || !scope.core.monitors.is_empty()
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

/// The outcome, as a monitor sees it.
fn ending<'a>(result: &'a Result<()>, prevented_by: Option<&'a str>) -> Ending<'a> {
    match (result, prevented_by) {
        (Err(error), _) => Ending::Failed(error),
        (Ok(()), Some(by)) => Ending::Prevented { by },
        (Ok(()), None) => Ending::Completed,
    }
}
