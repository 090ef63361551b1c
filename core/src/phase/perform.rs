//! The default action itself.

use std::marker::PhantomData;

use super::{
    Handle, Phase, PhaseName,
    frame::{Frame, FramePhase},
    handle::{event_of_frame, every_handle},
    sealed::Sealed,
};
use crate::{error::Violation, event::Event, scope::Scope};

/// What the default action of an event gets. It dereferences to the event, mutably, and returns the output.
///
/// There is one default action for each event, in a slot of its own.
pub struct Perform<'a, E: Event> {
    frame: &'a mut Frame<E>,
    scope: &'a Scope<'a>,
}

impl<E: Event> Perform<'_, E> {
    /// What listeners have found wrong with the request so far.
    ///
    /// Never anything but empty, unless the event [gathers](Event::GATHERS): a default action that checks
    /// runs even then, so that its own findings are added to theirs.
    pub fn violations(&self) -> &[Violation] {
        self.frame.control.violations()
    }
}

/// The phase of [`Perform`].
#[derive(Debug)]
pub struct PerformPhase<E>(PhantomData<E>);

impl<E: Event> Sealed for PerformPhase<E> {}

impl<E: Event> Phase for PerformPhase<E> {
    type Event = E;
    type Handle<'a> = Perform<'a, E>;
    type Return = E::Output;
    const NAME: PhaseName = PhaseName::Default;
}

impl<E: Event> FramePhase for PerformPhase<E> {
    #[inline]
    fn handle<'a>(frame: &'a mut Frame<E>, scope: &'a Scope<'a>) -> Perform<'a, E> {
        Perform { frame, scope }
    }
}

impl<E: Event> Handle for Perform<'_, E> {
    type Return = E::Output;
}

event_of_frame!(Perform);
every_handle!(Perform);
