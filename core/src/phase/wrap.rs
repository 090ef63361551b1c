//! Around the default action.

use std::marker::PhantomData;

use super::{
    Handle, Phase, PhaseName,
    frame::Frame,
    handle::{event_of_frame, every_handle},
    sealed::Sealed,
};
use crate::{dispatcher::Pipeline, error::Result, event::Event, scope::Scope};

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
    pub(crate) frame: &'a mut Frame<E>,
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) pipeline: &'a Pipeline<E>,
    /// The index of the wrap inside of this one; past the last is the default action.
    pub(crate) inner: usize,
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
        self.pipeline.next(self.inner, self.frame, self.scope).await
    }
}

/// The phase of [`Wrap`].
#[derive(Debug)]
pub struct WrapPhase<E>(PhantomData<E>);

impl<E: Event> Sealed for WrapPhase<E> {}

impl<E: Event> Phase for WrapPhase<E> {
    type Event = E;
    type Handle<'a> = Wrap<'a, E>;
    type Return = E::Output;
    const NAME: PhaseName = PhaseName::Wrap;
}

impl<E: Event> Handle for Wrap<'_, E> {
    type Return = E::Output;
}

event_of_frame!(Wrap);
every_handle!(Wrap);
