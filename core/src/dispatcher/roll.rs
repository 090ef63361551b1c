//! What is known of the listeners of one phase without the type of their event, and how they are called in turn.
//!
//! All of this is compiled once, and not for each event.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
    time::Instant,
};

use tracing::{Instrument, Span};

use super::spans;
use crate::{
    context::Context,
    error::{Error, Result},
    future::catch,
    listener::Invocation,
    phase::PhaseName,
    scope::Scope,
};

/// A condition that is asked at each dispatch.
pub(crate) type Condition = Arc<dyn Fn(&Context) -> bool + Send + Sync>;

/// The listeners of one phase of one event, in the order in which they run, without the listeners themselves.
pub(crate) struct Roll {
    phase: PhaseName,
    conditions: Vec<Option<Condition>>,
    /// Where the first one stands in the event's description.
    first: usize,
}

/// The listeners of one phase in one dispatch, ready to be called.
pub(super) trait Callable: Send {
    fn call<'a>(&'a mut self, index: usize, scope: &'a Scope<'a>) -> Invocation<'a, ()>;

    /// Calls a listener and polls it once, which is all that most of them need.
    fn start<'a>(
        &'a mut self,
        index: usize,
        scope: &'a Scope<'a>,
        _waker: &mut task::Context<'_>,
    ) -> Invocation<'a, ()> {
        self.call(index, scope)
    }

    /// Whether the listener that has just returned ended its phase.
    fn ends_after(&mut self, _index: usize) -> bool {
        false
    }
}

/// A listener that is about to be called.
pub(super) enum Begun {
    /// It is not: its condition does not hold.
    Skipped,
    /// Nobody wants to know of it.
    Unwatched,
    /// In a span of its own, from then on.
    Watched(Span, Instant),
}

impl Roll {
    pub(super) const fn new(phase: PhaseName) -> Self {
        Self { phase, conditions: Vec::new(), first: 0 }
    }

    /// Adds a listener behind the others; `place` is where it stands in the event's description.
    pub(super) fn add(&mut self, place: usize, condition: Option<Condition>) {
        if self.conditions.is_empty() {
            self.first = place;
        }
        self.conditions.push(condition);
    }

    pub(super) fn len(&self) -> usize {
        self.conditions.len()
    }

    /// Where the listener stands in the event's description.
    pub(super) fn place(&self, index: usize) -> usize {
        self.first + index
    }

    /// The name of the listener.
    pub(super) fn name<'a>(&self, index: usize, scope: &'a Scope<'_>) -> &'a str {
        scope.description.listeners.get(self.place(index)).map_or("", |listener| &listener.name)
    }

    /// Notes in which listener an error arose; in a phase without one, there is none to name.
    #[cold]
    pub(super) fn failed(&self, index: usize, scope: &Scope<'_>, error: Error) -> Error {
        let listener = (self.len() > 0).then(|| self.name(index, scope));
        error.arose_in(listener, || scope.chain())
    }

    /// Calls the listeners one after the other, until one fails or ends the phase.
    pub(super) async fn run(&self, listeners: &mut dyn Callable, scope: &Scope<'_>) -> Result<()> {
        if is_watched(scope) {
            return Box::pin(self.run_watched(listeners, scope)).await;
        }
        for (index, condition) in self.conditions.iter().enumerate() {
            if condition.is_some() && matches!(self.begin(index, scope)?, Begun::Skipped) {
                continue;
            }
            let called = start(listeners, index, scope).await;
            let is_over = listeners.ends_after(index);
            called.map_err(|error| self.failed(index, scope, error))?;
            if is_over {
                break;
            }
        }
        Ok(())
    }

    /// [`run`](Self::run) where somebody wants to know of each listener.
    async fn run_watched(&self, listeners: &mut dyn Callable, scope: &Scope<'_>) -> Result<()> {
        for index in 0..self.len() {
            let called = match self.begin(index, scope)? {
                Begun::Skipped => continue,
                begun => self.follow(begun, index, listeners.call(index, scope), scope).await,
            };
            let is_over = listeners.ends_after(index);
            called.map_err(|error| self.failed(index, scope, error))?;
            if is_over {
                if let Some(trace) = scope.trace {
                    trace.stopped(self.phase, self.name(index, scope));
                }
                break;
            }
        }
        Ok(())
    }

    /// Calls listeners whose failure changes nothing, and reports each failure once.
    ///
    /// Inside of a unit of work each has a savepoint of its own, so what it did is undone if it fails.
    pub(super) async fn tell(&self, listeners: &mut dyn Callable, scope: &Scope<'_>) {
        for index in 0..self.len() {
            let told = match scope.context.work() {
                None => self.tell_one(index, listeners, scope).await,
                Some(work) => {
                    let savepoint = work.savepoint(scope.description.name);
                    let inside = scope.context.inside(Arc::clone(savepoint.work()));
                    let inner = Scope { context: &inside, ..*scope };
                    let told = self.tell_one(index, listeners, &inner).await;
                    savepoint.settle(told, |error| self.failed(index, scope, error)).await
                }
            };
            if let Err(error) = told {
                let error = self.failed(index, scope, error);
                tracing::error!(
                    event = scope.description.name,
                    listener = self.name(index, scope),
                    phase = self.phase.as_str(),
                    %error,
                    "a listener failed whose failure changes nothing"
                );
            }
        }
    }

    async fn tell_one(
        &self,
        index: usize,
        listeners: &mut dyn Callable,
        scope: &Scope<'_>,
    ) -> Result<()> {
        match self.begin(index, scope)? {
            Begun::Skipped => Ok(()),
            begun => self.follow(begun, index, listeners.call(index, scope), scope).await,
        }
    }

    /// Asks the condition of a listener, and notes that it is called; a panic in the condition counts as one in
    /// the listener.
    #[inline]
    pub(super) fn begin(&self, index: usize, scope: &Scope<'_>) -> Result<Begun> {
        match &self.conditions[index] {
            None if !is_watched(scope) => Ok(Begun::Unwatched),
            condition => self.begin_watched(index, condition.as_ref(), scope),
        }
    }

    fn begin_watched(
        &self,
        index: usize,
        condition: Option<&Condition>,
        scope: &Scope<'_>,
    ) -> Result<Begun> {
        let place = self.place(index);
        match condition.map_or(Ok(true), |condition| catch(|| condition(scope.context))) {
            Ok(true) if is_watched(scope) => {
                let began = Instant::now();
                if let Some(trace) = scope.trace {
                    trace.called(place);
                }
                let span = spans::of_listener(self.name(index, scope), self.phase.as_str());
                Ok(Begun::Watched(span, began))
            }
            Ok(true) => Ok(Begun::Unwatched),
            Ok(false) => {
                if let Some(trace) = scope.trace {
                    trace.did_not_apply(place);
                }
                Ok(Begun::Skipped)
            }
            Err(error) => {
                if let Some(trace) = scope.trace {
                    trace.failed(place, &error);
                }
                Err(self.failed(index, scope, error))
            }
        }
    }

    /// Waits for a listener that has been called, and notes what came of it.
    pub(super) async fn follow<T>(
        &self,
        begun: Begun,
        index: usize,
        invocation: Invocation<'_, T>,
        scope: &Scope<'_>,
    ) -> Result<T> {
        let Begun::Watched(span, began) = begun else { return invocation.await };
        let result = invocation.instrument(span).await;
        if let Some(trace) = scope.trace {
            trace.returned(self.place(index), result.as_ref(), began.elapsed());
        }
        result
    }
}

/// Calls a listener and polls it in one go, and then as often as it takes.
async fn start(listeners: &mut dyn Callable, index: usize, scope: &Scope<'_>) -> Result<()> {
    let (mut ready, mut waiting) = (Some(listeners), None);
    let called = poll_fn(|waker| match ready.take() {
        Some(listeners) => match listeners.start(index, scope, waker) {
            Invocation::Returned(Some(called)) => Poll::Ready(called),
            started => {
                waiting = Some(started);
                Poll::Pending
            }
        },
        None => waiting.as_mut().map_or(Poll::Pending, |one| Pin::new(one).poll(waker)),
    });
    called.await
}

/// Whether somebody wants to know of each listener: a trace, or a subscriber that takes spans for listeners.
#[inline]
pub(super) fn is_watched(scope: &Scope<'_>) -> bool {
    scope.trace.is_some() || spans::listeners_enabled()
}
