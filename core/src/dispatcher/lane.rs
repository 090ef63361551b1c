//! The listeners of one phase, in the order in which they run.

use std::{sync::Arc, time::Instant};

use tracing::Instrument;

use super::spans;
use crate::{
    context::Context,
    error::{Error, Result},
    future::catch,
    listener::{Call, SharedCall},
    phase::{Frame, FramePhase, Phase},
    scope::Scope,
};

/// A condition that is asked at each dispatch.
pub(crate) type Condition = Arc<dyn Fn(&Context) -> bool + Send + Sync>;

/// The listeners of one phase of one event, in the order in which they run.
pub(crate) struct Lane<P: Phase> {
    entries: Vec<Entry<P>>,
    /// Those that are sync and unconditional: when all are, the lane runs without a state machine.
    plain: Vec<SharedCall<P>>,
    /// Where the first one stands in the event's description.
    first: usize,
}

/// One listener of a lane.
pub(crate) struct Entry<P: Phase> {
    pub(crate) call: Call<P>,
    pub(crate) condition: Option<Condition>,
}

impl<P: Phase> Entry<P> {
    /// Whether its condition holds; a panic in the condition counts as one in the listener.
    pub(crate) fn applies(&self, context: &Context) -> Result<bool> {
        self.condition.as_ref().map_or(Ok(true), |condition| catch(|| condition(context)))
    }
}

impl<P: Phase> Lane<P> {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), plain: Vec::new(), first: 0 }
    }

    /// Adds a listener behind the others; `place` is where it stands in the event's description.
    pub(crate) fn add(&mut self, place: usize, entry: Entry<P>) {
        if self.entries.is_empty() {
            self.first = place;
        }
        if let (Call::Sync(call), None) = (&entry.call, &entry.condition) {
            self.plain.push(Arc::clone(call));
        }
        self.entries.push(entry);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether all listeners are sync and unconditional.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain.len() == self.entries.len()
    }

    /// Those listeners that are sync and unconditional; all of them where the lane [is plain](Self::is_plain).
    #[inline]
    pub(super) fn plain(&self) -> &[SharedCall<P>] {
        &self.plain
    }

    pub(crate) fn entries(&self) -> &[Entry<P>] {
        &self.entries
    }

    /// Where the listener stands in the event's description.
    pub(crate) fn place(&self, index: usize) -> usize {
        self.first + index
    }

    /// The name of the listener.
    pub(crate) fn name<'a>(&self, index: usize, scope: &'a Scope<'_>) -> &'a str {
        scope.description.listeners.get(self.place(index)).map_or("", |listener| &listener.name)
    }

    /// Calls the listener at this place; `None` when its condition does not hold.
    ///
    /// An error is noted to have arisen in it, and a panic is one.
    #[inline]
    pub(crate) async fn call<'a>(
        &'a self,
        index: usize,
        handle: P::Handle<'a>,
        scope: &Scope<'_>,
    ) -> Option<Result<P::Return>> {
        let entry = &self.entries[index];
        let result = match entry.applies(scope.context) {
            Ok(true) if is_watched(scope) => {
                Box::pin(self.call_watched(index, handle, scope)).await
            }
            Ok(true) => entry.call.invoke(handle).await,
            Ok(false) => {
                if let Some(trace) = scope.trace {
                    trace.did_not_apply(self.place(index));
                }
                return None;
            }
            Err(error) => {
                if let Some(trace) = scope.trace {
                    trace.failed(self.place(index), &error);
                }
                Err(error)
            }
        };
        Some(result.map_err(|error| self.failed(index, scope, error)))
    }

    /// Calls the listener in a span of its own, and notes what came of it.
    async fn call_watched<'a>(
        &'a self,
        index: usize,
        handle: P::Handle<'a>,
        scope: &Scope<'_>,
    ) -> Result<P::Return> {
        let (place, began) = (self.place(index), Instant::now());
        if let Some(trace) = scope.trace {
            trace.called(place);
        }
        let span = spans::of_listener(self.name(index, scope), P::NAME.as_str());
        let result = self.entries[index].call.invoke(handle).instrument(span).await;
        if let Some(trace) = scope.trace {
            trace.returned(place, result.as_ref(), began.elapsed());
        }
        result
    }

    /// Notes in which listener an error arose; in a phase without one, there is none to name.
    #[cold]
    pub(crate) fn failed(&self, index: usize, scope: &Scope<'_>, error: Error) -> Error {
        let listener = (!self.is_empty()).then(|| self.name(index, scope));
        error.arose_in(listener, || scope.chain())
    }
}

impl<P: FramePhase<Return = ()>> Lane<P> {
    /// Calls the listeners one after the other, until one fails or stops the phase.
    pub(crate) async fn run(&self, frame: &mut Frame<P::Event>, scope: &Scope<'_>) -> Result<()> {
        if is_watched(scope) {
            return Box::pin(self.run_watched(frame, scope)).await;
        }
        if self.is_plain() {
            return self.run_plain(frame, scope);
        }
        for (index, entry) in self.entries.iter().enumerate() {
            let applies = entry.applies(scope.context);
            if !applies.map_err(|error| self.failed(index, scope, error))? {
                continue;
            }
            let called = entry.call.invoke(P::handle(frame, scope)).await;
            let is_over = frame.control.ends_after(index);
            called.map_err(|error| self.failed(index, scope, error))?;
            if is_over {
                break;
            }
        }
        Ok(())
    }

    /// [`run`](Self::run) where somebody wants to know of each listener.
    async fn run_watched(&self, frame: &mut Frame<P::Event>, scope: &Scope<'_>) -> Result<()> {
        for index in 0..self.entries.len() {
            let called = self.call(index, P::handle(frame, scope), scope).await;
            let is_over = frame.control.ends_after(index);
            called.transpose()?;
            if is_over {
                if let Some(trace) = scope.trace {
                    trace.stopped(P::NAME, self.name(index, scope));
                }
                break;
            }
        }
        Ok(())
    }
}

/// Whether somebody wants to know of each listener: a trace, or a subscriber that takes spans for listeners.
#[inline]
fn is_watched(scope: &Scope<'_>) -> bool {
    scope.trace.is_some() || spans::listeners_enabled()
}
