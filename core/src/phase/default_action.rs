//! The default action itself.

use std::marker::PhantomData;

use super::{
    Handle, Invocable, Phase, PhaseName,
    handle::{event_to_change, every_handle},
    sealed::Sealed,
};
use crate::{
    dispatch::{Control, Invocation, Scope, event_of, output_of},
    error::Violation,
    event::Event,
};

/// What the default action of an event gets. It dereferences to the event, mutably, and returns the output.
///
/// There is one default action for each event, in a slot of its own.
pub struct DefaultAction<'a, E: Event> {
    event: &'a mut E,
    control: &'a Control,
    scope: &'a Scope<'a>,
}

impl<E: Event> DefaultAction<'_, E> {
    /// What listeners have found wrong with the request so far.
    ///
    /// Never anything but empty, unless the event [gathers](Event::GATHERS): a default action that checks
    /// runs even then, so that its own findings are added to theirs.
    pub fn violations(&self) -> &[Violation] {
        self.control.violations()
    }
}

/// The phase of [`DefaultAction`].
#[derive(Debug)]
pub struct DefaultActionPhase<E>(PhantomData<E>);

impl<E: Event> Sealed for DefaultActionPhase<E> {}

impl<E: Event> Phase for DefaultActionPhase<E> {
    type Handle<'a> = DefaultAction<'a, E>;
    type Return = E::Output;
    const NAME: PhaseName = PhaseName::Default;
}

impl<E: Event> Invocable for DefaultActionPhase<E> {
    type Answer<'a> = &'a mut Option<E::Output>;

    #[inline]
    fn handle<'a>(invocation: Invocation<'a>) -> (DefaultAction<'a, E>, Self::Answer<'a>) {
        let Invocation { parts, scope, .. } = invocation;
        let handle = DefaultAction { event: event_of(parts.event), control: parts.control, scope };
        (handle, output_of::<E>(parts.output))
    }

    #[inline]
    fn answer(answer: &mut Option<E::Output>, returned: E::Output) {
        *answer = Some(returned);
    }
}

impl<E: Event> Handle for DefaultAction<'_, E> {
    type Return = E::Output;
}

event_to_change!(DefaultAction);
every_handle!(DefaultAction E);
