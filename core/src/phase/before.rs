//! Before the default action.

use std::marker::PhantomData;

use super::{
    Handle, Invocable, Phase, PhaseName, answers_nothing,
    handle::{event_to_change, every_handle},
    sealed::Sealed,
};
use crate::{
    dispatch::{Control, Invocation, Scope, event_of, output_of},
    error::Violation,
    event::{Event, Preventable},
};

/// What a listener before the default action gets. It dereferences to the event, mutably.
///
/// It may change the event, reject it, prevent the default, respond in its place, dispatch further steps, or
/// return an error, which ends the dispatch and rolls the unit of work back.
///
/// ```
/// use dullahan_core::{Before, Process, Result, Violation};
///
/// #[derive(Process)]
/// #[event(output = u32, preventable)]
/// struct CreateUserProcess {
///     name: String,
/// }
///
/// fn trim_name(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
///     ev.name = ev.name.trim().to_owned();
///     if ev.name.is_empty() {
///         ev.reject(Violation::new("/name", "missing"));
///     }
///     Ok(())
/// }
/// ```
pub struct Before<'a, E: Event> {
    event: &'a mut E,
    output: &'a mut Option<E::Output>,
    control: &'a mut Control,
    scope: &'a Scope<'a>,
}

impl<E: Event> Before<'_, E> {
    /// Does the step in the place of the default action: gives the output, and prevents the default.
    ///
    /// The listeners after this one still run, and see it; of several outputs the last one counts.
    pub fn respond(&mut self, output: E::Output)
    where
        E: Preventable,
    {
        *self.output = Some(output);
        self.control.prevent();
    }

    /// Keeps the default action from running. One way: nothing un-prevents.
    ///
    /// It does not stop anything: the listeners after this one still run and see it. Unless one of them
    /// [responds](Self::respond), the dispatch fails with `step_unhandled`: a step that nobody has done is never taken for
    /// a success, not even one without an output. To skip such a one on purpose, `respond(())`.
    pub fn prevent_default(&mut self)
    where
        E: Preventable,
    {
        self.control.prevent();
    }

    /// Whether a listener before this one has prevented the default.
    pub fn is_default_prevented(&self) -> bool {
        self.control.prevented_by().is_some()
    }

    /// The output that a listener before this one has given.
    pub fn response(&self) -> Option<&E::Output> {
        self.output.as_ref()
    }

    /// Says what is wrong with the request.
    ///
    /// The other listeners of this phase still run and may say more; then the dispatch fails with all of it
    /// at once, as [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), and the default does not act.
    pub fn reject(&mut self, violation: Violation) {
        self.control.reject(violation);
    }

    /// Ends this phase: no further listener before the default runs. Nothing else changes.
    pub fn stop(&mut self) {
        self.control.stop();
    }
}

/// The phase of [`Before`].
#[derive(Debug)]
pub struct BeforePhase<E>(PhantomData<E>);

impl<E: Event> Sealed for BeforePhase<E> {}

impl<E: Event> Phase for BeforePhase<E> {
    type Handle<'a> = Before<'a, E>;
    type Return = ();
    const NAME: PhaseName = PhaseName::Before;
}

impl<E: Event> Invocable for BeforePhase<E> {
    answers_nothing!();

    #[inline]
    fn handle<'a>(invocation: Invocation<'a>) -> (Before<'a, E>, ()) {
        let Invocation { parts, scope, .. } = invocation;
        let (event, output) = (event_of(parts.event), output_of::<E>(parts.output));
        (Before { event, output, control: parts.control, scope }, ())
    }
}

impl<E: Event> Handle for Before<'_, E> {
    type Return = ();
}

event_to_change!(Before);
every_handle!(Before E);
