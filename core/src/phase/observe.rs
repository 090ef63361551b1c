//! Whatever came of it.

use std::{marker::PhantomData, ops::Deref};

use super::{
    Handle, Invocable, Phase, PhaseName, answers_nothing, handle::every_handle, sealed::Sealed,
    too_late::too_late,
};
use crate::{
    dispatch::{Invocation, Scope, event_of, output_of},
    event::Event,
    outcome::Outcome,
};

/// What an observer gets: the event and what came of it, to look at. It dereferences to the event.
///
/// Observers always run, also after an error or a panic, and once the outcome is known: for a process with a unit
/// of work of its own that is after the commit. An error or a panic of an observer is logged, and changes nothing.
///
/// Inside of a process around it, an observer runs before that one is committed, in a savepoint of its own. If it
/// fails, or a statement of it failed, what it did there is undone and the process goes on. What it wrote otherwise is
/// committed with the process: look, and leave writing to a process. What it changes in the head of the response has no
/// effect.
pub struct Observe<'a, E: Event> {
    event: &'a E,
    outcome: Outcome<'a, E::Output>,
    scope: &'a Scope<'a>,
}

impl<'a, E: Event> Observe<'a, E> {
    /// What came of the dispatch.
    pub fn outcome(&self) -> Outcome<'a, E::Output> {
        self.outcome
    }
}

impl<E: Event> Deref for Observe<'_, E> {
    type Target = E;

    fn deref(&self) -> &E {
        self.event
    }
}

/// The phase of [`Observe`].
#[derive(Debug)]
pub struct ObservePhase<E>(PhantomData<E>);

impl<E: Event> Sealed for ObservePhase<E> {}

impl<E: Event> Phase for ObservePhase<E> {
    type Handle<'a> = Observe<'a, E>;
    type Return = ();
    const NAME: PhaseName = PhaseName::Observe;
}

impl<E: Event> Invocable for ObservePhase<E> {
    answers_nothing!();

    fn handle<'a>(invocation: Invocation<'a>) -> (Observe<'a, E>, ()) {
        let Invocation { parts, scope, error, .. } = invocation;
        let by = parts.control.prevented_by().map(|by| scope.entry.before.name(by, scope));
        let output = output_of::<E>(parts.output).as_ref();
        let outcome =
            Outcome::new(error, by, || output.expect("what has not failed has an output"));
        (Observe { event: event_of(parts.event), outcome, scope }, ())
    }
}

impl<E: Event> Handle for Observe<'_, E> {
    type Return = ();
}

every_handle!(Observe E);
too_late!(
    Observe,
    ChangedInTheEnd: prevent_default() -> (),
    respond(E::Output) -> (),
    output_mut() -> &mut E::Output
);
