//! The listeners of one phase, in the order in which they run.

use std::{sync::Arc, task::Context};

use super::roll::{Begun, Callable, Condition, Roll};
use crate::{
    error::{Error, Result},
    listener::{Call, Invocation, SharedCall},
    phase::{Frame, FramePhase, Phase},
    scope::Scope,
};

/// The listeners of one phase of one event, in the order in which they run.
pub(crate) struct Lane<P: Phase> {
    calls: Vec<Call<P>>,
    /// Those that are sync and unconditional: when all are, the lane runs without a state machine.
    plain: Vec<SharedCall<P>>,
    roll: Roll,
}

impl<P: Phase> Lane<P> {
    pub(crate) const fn new() -> Self {
        Self { calls: Vec::new(), plain: Vec::new(), roll: Roll::new(P::NAME) }
    }

    /// Adds a listener behind the others; `place` is where it stands in the event's description.
    pub(crate) fn add(&mut self, place: usize, call: Call<P>, condition: Option<Condition>) {
        if let (Call::Sync(call), None) = (&call, &condition) {
            self.plain.push(Arc::clone(call));
        }
        self.roll.add(place, condition);
        self.calls.push(call);
    }

    /// Whether all listeners are sync and unconditional.
    pub(super) fn is_plain(&self) -> bool {
        self.plain.len() == self.calls.len()
    }

    /// Those listeners that are sync and unconditional; all of them where the lane [is plain](Self::is_plain).
    #[inline]
    pub(super) fn plain(&self) -> &[SharedCall<P>] {
        &self.plain
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(super) fn roll(&self) -> &Roll {
        &self.roll
    }

    /// The name of the listener.
    pub(super) fn name<'a>(&self, index: usize, scope: &'a Scope<'_>) -> &'a str {
        self.roll.name(index, scope)
    }

    /// Notes in which listener an error arose; in a phase without one, there is none to name.
    #[inline]
    pub(super) fn failed(&self, index: usize, scope: &Scope<'_>, error: Error) -> Error {
        self.roll.failed(index, scope, error)
    }

    /// Calls a listener that was [begun](Roll::begin); what it returns is there to be awaited at once.
    #[inline]
    pub(super) fn invoke<'a>(
        &'a self,
        index: usize,
        handle: P::Handle<'a>,
    ) -> Invocation<'a, P::Return> {
        self.calls[index].invoke(handle)
    }

    /// Waits for a listener that was begun and invoked; an error is noted to have arisen in it.
    #[inline]
    pub(super) async fn follow(
        &self,
        begun: Begun,
        index: usize,
        invocation: Invocation<'_, P::Return>,
        scope: &Scope<'_>,
    ) -> Result<P::Return> {
        let result = match begun {
            Begun::Skipped | Begun::Unwatched => invocation.await,
            begun => Box::pin(self.roll.follow(begun, index, invocation, scope)).await,
        };
        result.map_err(|error| self.failed(index, scope, error))
    }
}

/// The listeners of a phase whose handle is made of the frame.
pub(super) struct InFrame<'l, P: FramePhase> {
    pub(super) lane: &'l Lane<P>,
    pub(super) frame: &'l mut Frame<P::Event>,
}

impl<P: FramePhase<Return = ()>> Callable for InFrame<'_, P> {
    fn call<'a>(&'a mut self, index: usize, scope: &'a Scope<'a>) -> Invocation<'a, ()> {
        self.lane.invoke(index, P::handle(self.frame, scope))
    }

    fn start<'a>(
        &'a mut self,
        index: usize,
        scope: &'a Scope<'a>,
        waker: &mut Context<'_>,
    ) -> Invocation<'a, ()> {
        self.lane.calls[index].start(P::handle(self.frame, scope), waker)
    }

    fn ends_after(&mut self, index: usize) -> bool {
        self.frame.control.ends_after(index)
    }
}
