//! After the default action.

use std::marker::PhantomData;

use super::{
    Handle, Phase, PhaseName,
    frame::{Frame, FramePhase},
    handle::{event_of_frame, every_handle},
    sealed::Sealed,
    too_late::too_late,
};
use crate::{event::Event, scope::Scope};

/// What a listener after the default action gets. It dereferences to the event, mutably.
///
/// It may change the output, ask whether the default was prevented, dispatch further steps, or return an
/// error, which ends the dispatch and rolls the unit of work back. It cannot prevent what has happened: there
/// is no `prevent_default` here.
pub struct After<'a, E: Event> {
    frame: &'a mut Frame<E>,
    scope: &'a Scope<'a>,
}

#[expect(
    clippy::missing_panics_doc,
    reason = "the dispatcher reaches the after-listeners with an output only"
)]
impl<E: Event> After<'_, E> {
    /// What the default action, or a listener in its place, has produced.
    pub fn output(&self) -> &E::Output {
        self.frame.output.as_ref().expect(HAS_OUTPUT)
    }

    /// The output, to change it.
    pub fn output_mut(&mut self) -> &mut E::Output {
        self.frame.output.as_mut().expect(HAS_OUTPUT)
    }

    /// The event and its output at once, both to change.
    pub fn parts_mut(&mut self) -> (&mut E, &mut E::Output) {
        (&mut self.frame.event, self.frame.output.as_mut().expect(HAS_OUTPUT))
    }

    /// Whether a listener has prevented the default action.
    pub fn was_default_prevented(&self) -> bool {
        self.frame.control.is_prevented()
    }

    /// Ends this phase: no further listener after the default runs. Nothing else changes.
    pub fn stop(&mut self) {
        self.frame.control.stop();
    }
}

const HAS_OUTPUT: &str = "the dispatcher reaches the after-listeners with an output only";

/// The phase of [`After`].
#[derive(Debug)]
pub struct AfterPhase<E>(PhantomData<E>);

impl<E: Event> Sealed for AfterPhase<E> {}

impl<E: Event> Phase for AfterPhase<E> {
    type Event = E;
    type Handle<'a> = After<'a, E>;
    type Return = ();
    const NAME: PhaseName = PhaseName::After;
}

impl<E: Event> FramePhase for AfterPhase<E> {
    #[inline]
    fn handle<'a>(frame: &'a mut Frame<E>, scope: &'a Scope<'a>) -> After<'a, E> {
        After { frame, scope }
    }
}

impl<E: Event> Handle for After<'_, E> {
    type Return = ();
}

event_of_frame!(After);
every_handle!(After);
too_late!(
    After,
    PreventedAfterwards: prevent_default() -> (),
    respond(E::Output) -> (),
    replace(E::Output) -> ()
);
