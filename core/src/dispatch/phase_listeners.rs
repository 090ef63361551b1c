//! The listeners of one phase of one event, in the order in which they run, and how they are called.

use std::{sync::Arc, time::Instant};

use tracing::Instrument;

use super::{
    context::Context,
    entry::Entry,
    exchange::{AnyEvent, Parts},
    invocation::{Call, Invocation, SyncCall},
    scope::Scope,
    spans,
};
use crate::{
    error::{Error, Result},
    future::catch,
    phase_name::PhaseName,
};

/// A condition that is asked at each dispatch.
pub(crate) type Condition = Arc<dyn Fn(&AnyEvent, &Context) -> bool + Send + Sync>;

/// The listeners of one phase of one event, in the order in which they run.
pub(crate) struct PhaseListeners {
    phase: PhaseName,
    listeners: Vec<Conditional>,
    /// All of them, if all are sync: then the phase runs without a state machine.
    plain: Option<Vec<Plain>>,
    /// Where the first one stands in the event's description.
    first: usize,
}

/// A listener and when it applies.
struct Conditional {
    call: Call,
    condition: Option<Condition>,
}

/// A sync listener and when it applies.
struct Plain {
    call: Arc<dyn SyncCall>,
    condition: Option<Condition>,
}

impl PhaseListeners {
    pub(crate) const fn new(phase: PhaseName) -> Self {
        Self { phase, listeners: Vec::new(), plain: Some(Vec::new()), first: 0 }
    }

    /// Adds a listener behind the others; `place` is where it stands in the event's description.
    pub(crate) fn add(&mut self, place: usize, call: Call, condition: Option<Condition>) {
        if self.listeners.is_empty() {
            self.first = place;
        }
        match (&call, &mut self.plain) {
            (Call::Sync(call), Some(plain)) => {
                plain.push(Plain { call: Arc::clone(call), condition: condition.clone() });
            }
            _ => self.plain = None,
        }
        self.listeners.push(Conditional { call, condition });
    }

    /// Whether all listeners are sync.
    pub(super) fn is_plain(&self) -> bool {
        self.plain.is_some()
    }

    /// Whether a listener has a condition.
    pub(super) fn is_conditional(&self) -> bool {
        self.listeners.iter().any(|one| one.condition.is_some())
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.listeners.len()
    }

    /// The name of a listener.
    pub(crate) fn name<'a>(&self, index: usize, scope: &Scope<'a>) -> &'a str {
        self.name_in(index, scope.entry)
    }

    /// The name of a listener of this entry.
    pub(crate) fn name_in<'a>(&self, index: usize, entry: &'a Entry) -> &'a str {
        let described = &entry.description.listeners;
        described.get(self.first + index).map_or("", |listener| &listener.name)
    }

    /// Notes in which listener an error arose; in a phase without one, there is none to name.
    #[cold]
    pub(super) fn failed(&self, index: usize, scope: &Scope<'_>, error: Error) -> Error {
        let listener = (!self.is_empty()).then(|| self.name(index, scope));
        error.arose_in(listener, || scope.chain())
    }

    /// Calls the listeners one after the other, until one fails or ends the phase.
    pub(super) async fn run(&self, mut parts: Parts<'_>, scope: &Scope<'_>) -> Result<()> {
        if let Some(plain) = &self.plain
            && !is_watched(scope)
        {
            return self.run_plain(plain, parts, scope);
        }
        for index in 0..self.len() {
            if !self.applies(index, parts.event, scope)? {
                continue;
            }
            parts.control.begins(index);
            let called = self.call(index, Invocation::new(parts.again(), scope)).await;
            called.map_err(|error| self.failed(index, scope, error))?;
            if parts.control.is_stopped() {
                if let Some(trace) = scope.trace {
                    trace.stopped(self.phase, self.name(index, scope));
                }
                break;
            }
        }
        Ok(())
    }

    /// The same without a state machine, where all listeners are sync and nobody watches.
    pub(super) fn run_sync(&self, parts: Parts<'_>, scope: &Scope<'_>) -> Result<()> {
        self.plain.as_ref().map_or(Ok(()), |plain| self.run_plain(plain, parts, scope))
    }

    fn run_plain(&self, plain: &[Plain], mut parts: Parts<'_>, scope: &Scope<'_>) -> Result<()> {
        let ran = catch(|| {
            for (index, Plain { call, condition }) in plain.iter().enumerate() {
                parts.control.begins(index);
                if condition.as_ref().is_some_and(|applies| !applies(parts.event, scope.context)) {
                    continue;
                }
                call.call(Invocation::new(parts.again(), scope))?;
                if parts.control.is_stopped() {
                    break;
                }
            }
            Ok(())
        });
        ran.flatten().map_err(|error| self.failed(parts.control.running(), scope, error))
    }

    /// Calls listeners whose failure changes nothing, and reports each failure once. The last parameter is the error
    /// that they are told of.
    ///
    /// Inside of a unit of work each has a savepoint of its own, so what it did is undone if it fails.
    pub(super) async fn tell(
        &self,
        mut parts: Parts<'_>,
        scope: &Scope<'_>,
        error: Option<&Error>,
    ) {
        for index in 0..self.len() {
            let told = match scope.context.work() {
                None => self.tell_one(index, parts.again(), scope, error).await,
                Some(work) => {
                    let savepoint = work.savepoint(scope.entry.description.name);
                    let inside = scope.context.inside(Arc::clone(savepoint.work()));
                    let inner = Scope { context: &inside, ..*scope };
                    let told = self.tell_one(index, parts.again(), &inner, error).await;
                    savepoint.settle(told, |error| self.failed(index, scope, error)).await
                }
            };
            if let Err(error) = told {
                let error = self.failed(index, scope, error);
                tracing::error!(
                    event = scope.entry.description.name,
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
        parts: Parts<'_>,
        scope: &Scope<'_>,
        error: Option<&Error>,
    ) -> Result<()> {
        if !self.applies(index, parts.event, scope)? {
            return Ok(());
        }
        self.call(index, Invocation { error, ..Invocation::new(parts, scope) }).await
    }

    /// Asks the condition of a listener; a panic in it counts as one in the listener.
    pub(super) fn applies(
        &self,
        index: usize,
        event: &AnyEvent,
        scope: &Scope<'_>,
    ) -> Result<bool> {
        let Some(condition) = &self.listeners[index].condition else { return Ok(true) };
        let place = self.first + index;
        match catch(|| condition(event, scope.context)) {
            Ok(true) => Ok(true),
            Ok(false) => {
                if let Some(trace) = scope.trace {
                    trace.did_not_apply(place);
                }
                Ok(false)
            }
            Err(error) => {
                if let Some(trace) = scope.trace {
                    trace.failed(place, &error);
                }
                Err(self.failed(index, scope, error))
            }
        }
    }

    /// Calls a listener, and notes what came of it where somebody wants to know.
    pub(super) async fn call(&self, index: usize, invocation: Invocation<'_>) -> Result<()> {
        let (scope, call) = (invocation.scope, &self.listeners[index].call);
        if !is_watched(scope) {
            return call.call(invocation).await;
        }
        let (place, began) = (self.first + index, Instant::now());
        if let Some(trace) = scope.trace {
            trace.called(place);
        }
        let span = spans::of_listener(self.name(index, scope), self.phase.as_str());
        let result = call.call(invocation).instrument(span).await;
        if let Some(trace) = scope.trace {
            trace.returned(place, result.as_ref().map(|()| &()), began.elapsed());
        }
        result
    }
}

/// Whether somebody wants to know of each listener: a trace, or a subscriber that takes spans for listeners.
#[inline]
fn is_watched(scope: &Scope<'_>) -> bool {
    scope.trace.is_some() || spans::listeners_enabled()
}
