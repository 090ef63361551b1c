//! After the default action.

use std::marker::PhantomData;

use super::{
    Handle, Invocable, Phase, PhaseName, answers_nothing,
    handle::{event_to_change, every_handle},
    sealed::Sealed,
    too_late::too_late,
};
use crate::{
    dispatch::{Control, Invocation, Scope, event_of, output_of},
    event::Event,
};

/// What a listener after the default action gets. It dereferences to the event, mutably.
///
/// It may change the output, ask whether the default was prevented, dispatch further steps, or return an
/// error, which ends the dispatch and rolls the unit of work back. It cannot prevent what has happened: there
/// is no `prevent_default` here.
pub struct After<'a, E: Event> {
    event: &'a mut E,
    output: &'a mut E::Output,
    control: &'a mut Control,
    scope: &'a Scope<'a>,
}

impl<E: Event> After<'_, E> {
    /// What the default action, or a listener in its place, has produced.
    pub fn output(&self) -> &E::Output {
        self.output
    }

    /// The output, to change it.
    pub fn output_mut(&mut self) -> &mut E::Output {
        self.output
    }

    /// The event and its output at once, both to change.
    pub fn parts_mut(&mut self) -> (&mut E, &mut E::Output) {
        (self.event, self.output)
    }

    /// Whether a listener has prevented the default action.
    pub fn was_default_prevented(&self) -> bool {
        self.control.prevented_by().is_some()
    }

    /// Ends this phase: no further listener after the default runs. Nothing else changes.
    pub fn stop(&mut self) {
        self.control.stop();
    }
}

/// The phase of [`After`].
#[derive(Debug)]
pub struct AfterPhase<E>(PhantomData<E>);

impl<E: Event> Sealed for AfterPhase<E> {}

impl<E: Event> Phase for AfterPhase<E> {
    type Handle<'a> = After<'a, E>;
    type Return = ();
    const NAME: PhaseName = PhaseName::After;
}

impl<E: Event> Invocable for AfterPhase<E> {
    answers_nothing!();

    #[inline]
    fn handle<'a>(invocation: Invocation<'a>) -> (After<'a, E>, ()) {
        let Invocation { parts, scope, .. } = invocation;
        let (event, output) = (event_of(parts.event), output_of::<E>(parts.output).as_mut());
        let output = output.expect("listeners after the default action are called with an output");
        (After { event, output, control: parts.control, scope }, ())
    }
}

impl<E: Event> Handle for After<'_, E> {
    type Return = ();
}

event_to_change!(After);
every_handle!(After E);
too_late!(
    After,
    PreventedAfterwards: prevent_default() -> (),
    respond(E::Output) -> ()
);
