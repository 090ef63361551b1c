//! Once a unit of work is over.

use std::{marker::PhantomData, ops::Deref};

use super::{
    Handle, Invocable, Phase, PhaseName, answers_nothing, handle::every_handle, sealed::Sealed,
    too_late::too_late,
};
use crate::{
    dispatch::{Invocation, Scope, event_of, output_of},
    error::Error,
    event::Event,
};

/// What a committed listener gets: the event and its output, once they are really stored.
///
/// The place for side effects outside of the transaction. Inside of a process it runs after the commit of the
/// outermost one; outside of any, right after the event. Committed listeners are isolated: an error or a panic
/// is logged, the others still run, and the caller gets its output.
///
/// A step that is dispatched from here is outside of the unit of work, which is over; a process gets its own. It has no
/// deadline, and it runs even if the caller of the process has left, as [long as the core has a
/// spawner](crate::docs::units_of_work).
pub struct Committed<'a, E: Event> {
    event: &'a E,
    output: &'a E::Output,
    scope: &'a Scope<'a>,
}

impl<E: Event> Committed<'_, E> {
    /// What the event has produced.
    pub fn output(&self) -> &E::Output {
        self.output
    }
}

impl<E: Event> Deref for Committed<'_, E> {
    type Target = E;

    fn deref(&self) -> &E {
        self.event
    }
}

/// The phase of [`Committed`].
#[derive(Debug)]
pub struct CommittedPhase<E>(PhantomData<E>);

impl<E: Event> Sealed for CommittedPhase<E> {}

impl<E: Event> Phase for CommittedPhase<E> {
    type Handle<'a> = Committed<'a, E>;
    type Return = ();
    const NAME: PhaseName = PhaseName::Committed;
}

impl<E: Event> Invocable for CommittedPhase<E> {
    answers_nothing!();

    fn handle<'a>(invocation: Invocation<'a>) -> (Committed<'a, E>, ()) {
        let Invocation { parts, scope, .. } = invocation;
        let output = output_of::<E>(parts.output).as_ref();
        let output = output.expect("what is committed has an output");
        (Committed { event: event_of(parts.event), output, scope }, ())
    }
}

impl<E: Event> Handle for Committed<'_, E> {
    type Return = ();
}

every_handle!(Committed E);
too_late!(
    Committed,
    ChangedInTheEnd: prevent_default() -> (),
    respond(E::Output) -> (),
    output_mut() -> &mut E::Output
);

/// What a rolled-back listener gets: the event and the error, once everything is undone.
///
/// Isolated like [`Committed`]. Inside of a process it runs once the outermost one is over, also where only a savepoint
/// was undone. A process whose future is dropped before its last after-listener has returned, by a time-out for example,
/// calls no listeners. Its unit of work, or its savepoint, is rolled back all the same.
pub struct RolledBack<'a, E: Event> {
    event: &'a E,
    error: &'a Error,
    scope: &'a Scope<'a>,
}

impl<E: Event> RolledBack<'_, E> {
    /// Why the unit of work was rolled back.
    pub fn error(&self) -> &Error {
        self.error
    }
}

impl<E: Event> Deref for RolledBack<'_, E> {
    type Target = E;

    fn deref(&self) -> &E {
        self.event
    }
}

/// The phase of [`RolledBack`].
#[derive(Debug)]
pub struct RolledBackPhase<E>(PhantomData<E>);

impl<E: Event> Sealed for RolledBackPhase<E> {}

impl<E: Event> Phase for RolledBackPhase<E> {
    type Handle<'a> = RolledBack<'a, E>;
    type Return = ();
    const NAME: PhaseName = PhaseName::RolledBack;
}

impl<E: Event> Invocable for RolledBackPhase<E> {
    answers_nothing!();

    fn handle<'a>(invocation: Invocation<'a>) -> (RolledBack<'a, E>, ()) {
        let Invocation { parts, scope, error, .. } = invocation;
        let error = error.expect("what is rolled back has failed");
        (RolledBack { event: event_of(parts.event), error, scope }, ())
    }
}

impl<E: Event> Handle for RolledBack<'_, E> {
    type Return = ();
}

every_handle!(RolledBack E);
too_late!(
    RolledBack,
    ChangedInTheEnd: prevent_default() -> (),
    respond(E::Output) -> ()
);
