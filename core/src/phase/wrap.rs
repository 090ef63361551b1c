//! Around the default action.

use std::marker::PhantomData;

use super::{
    Handle, Invocable, Phase, PhaseName,
    handle::{event_to_change, every_handle},
    sealed::Sealed,
};
use crate::{
    dispatch::{Control, Invocation, Parts, Scope, event_of, output_of},
    error::{Error, Result},
    event::Event,
};

/// What a listener around the default action gets. It dereferences to the event, mutably, and returns the
/// output.
///
/// It calls [`next`](Self::next) never (a cache), once (a timer, a decoration, a chain to the original) or
/// again (a retry). Wraps with a high priority are outside.
///
/// ```
/// use dullahan_core::{Event, Result, Wrap};
///
/// #[derive(Event)]
/// #[event(output = u32)]
/// struct FetchRate;
///
/// async fn retry_once(mut ev: Wrap<'_, FetchRate>) -> Result<u32> {
///     match ev.next().await {
///         Ok(rate) => Ok(rate),
///         Err(_) => ev.next().await,
///     }
/// }
/// ```
pub struct Wrap<'a, E: Event> {
    event: &'a mut E,
    control: &'a mut Control,
    scope: &'a Scope<'a>,
    /// The index of the wrap inside of this one; past the last is the default action.
    inner: usize,
}

impl<E: Event> Wrap<'_, E> {
    /// Runs what is wrapped: the next wrap, or the default action.
    ///
    /// Inside of a process it runs in a savepoint. If it fails, or this future is dropped, what it did is undone before
    /// anything else is done, so a wrap may answer in its place.
    ///
    /// # Errors
    ///
    /// Whatever error ended it; returning an output all the same takes the error back.
    pub async fn next(&mut self) -> Result<E::Output> {
        let mut output: Option<E::Output> = None;
        let parts = Parts { event: self.event, output: &mut output, control: self.control };
        self.scope.entry.next(self.inner, parts, self.scope).await?;
        output.ok_or_else(|| Error::not_handled(E::name()))
    }
}

/// The phase of [`Wrap`].
#[derive(Debug)]
pub struct WrapPhase<E>(PhantomData<E>);

impl<E: Event> Sealed for WrapPhase<E> {}

impl<E: Event> Phase for WrapPhase<E> {
    type Handle<'a> = Wrap<'a, E>;
    type Return = E::Output;
    const NAME: PhaseName = PhaseName::Wrap;
}

impl<E: Event> Invocable for WrapPhase<E> {
    type Answer<'a> = &'a mut Option<E::Output>;

    fn handle<'a>(invocation: Invocation<'a>) -> (Wrap<'a, E>, Self::Answer<'a>) {
        let Invocation { parts, scope, inner, .. } = invocation;
        let handle = Wrap { event: event_of(parts.event), control: parts.control, scope, inner };
        (handle, output_of::<E>(parts.output))
    }

    fn answer(answer: &mut Option<E::Output>, returned: E::Output) {
        *answer = Some(returned);
    }
}

impl<E: Event> Handle for Wrap<'_, E> {
    type Return = E::Output;
}

event_to_change!(Wrap);
every_handle!(Wrap E);
