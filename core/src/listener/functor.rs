//! A functor: a struct with its ports as fields and one method.

use std::{marker::PhantomData, sync::Arc};

use super::{Candidate, Functor, Options, Source, SyncFunctor, identity_of, name_of, shape::Fits};
use crate::{
    dispatch::{AsyncCall, Call, Invocation, SyncCall},
    error::Result,
    future::BoxFuture,
    phase::{Handle, Invocable},
};

/// A functor that listens: a struct with its ports as fields and one method that acts.
///
/// The form of every default action, and of listeners that have state. It is registered as a value or by its
/// constructor, whose `Arc<dyn Port>` parameters are filled in when the core is sealed. The constructor is called once
/// for each core that makes the functor, and only if the whole wiring is sound; overlays share the functor of their base.
///
/// ```
/// use std::sync::Arc;
///
/// use dullahan_core::{After, Listener, Process, Result};
///
/// trait Mailer: Send + Sync {
///     fn queue(&self, to: &str);
/// }
///
/// #[derive(Process)]
/// struct CreateUserProcess {
///     email: String,
/// }
///
/// struct SendActivationMail {
///     mailer: Arc<dyn Mailer>,
/// }
///
/// impl Listener<After<'_, CreateUserProcess>> for SendActivationMail {
///     async fn call(&self, ev: After<'_, CreateUserProcess>) -> Result<()> {
///         self.mailer.queue(&ev.email);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not listen to `{H}`",
    note = "implement `Listener<{H}>` for it, with `async fn call(&self, ev: ..) -> Result<..>`"
)]
pub trait Listener<H: Handle>: Send + Sync + 'static {
    /// Acts on the event.
    ///
    /// # Errors
    ///
    /// Whatever made it fail; what follows depends on the phase.
    fn call(&self, ev: H) -> impl Future<Output = Result<H::Return>> + Send;
}

/// A functor that listens without waiting for anything: [`Listener`] without `async`, and without the box that a future
/// costs.
///
/// ```
/// use dullahan_core::{Before, Event, Result, SyncListener};
///
/// #[derive(Event)]
/// struct Greet {
///     name: String,
/// }
///
/// struct Prefix(&'static str);
///
/// impl SyncListener<Before<'_, Greet>> for Prefix {
///     fn call(&self, mut ev: Before<'_, Greet>) -> Result<()> {
///         ev.name.insert_str(0, self.0);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not listen to `{H}`",
    note = "implement `SyncListener<{H}>` for it, with `fn call(&self, ev: ..) -> Result<..>`"
)]
pub trait SyncListener<H: Handle>: Send + Sync + 'static {
    /// Acts on the event.
    ///
    /// # Errors
    ///
    /// Whatever made it fail; what follows depends on the phase.
    fn call(&self, ev: H) -> Result<H::Return>;
}

/// A functor, ready to be called in a phase.
pub(super) struct FunctorCall<P, L> {
    functor: L,
    phase: PhantomData<fn() -> P>,
}

impl<P, L> FunctorCall<P, L> {
    pub(super) fn new(functor: L) -> Self {
        Self { functor, phase: PhantomData }
    }
}

impl<P: Invocable, L> AsyncCall for FunctorCall<P, L>
where
    L: for<'a> Listener<P::Handle<'a>>,
{
    fn call<'a>(&'a self, invocation: Invocation<'a>) -> BoxFuture<'a, Result<()>> {
        let (handle, answer) = P::handle(invocation);
        let returned = self.functor.call(handle);
        Box::pin(async move {
            P::answer(answer, returned.await?);
            Ok(())
        })
    }
}

/// A sync functor, ready to be called in a phase.
pub(super) struct SyncFunctorCall<P, L>(FunctorCall<P, L>);

impl<P, L> SyncFunctorCall<P, L> {
    pub(super) fn new(functor: L) -> Self {
        Self(FunctorCall::new(functor))
    }
}

impl<P: Invocable, L> SyncCall for SyncFunctorCall<P, L>
where
    L: for<'a> SyncListener<P::Handle<'a>>,
{
    fn call(&self, invocation: Invocation<'_>) -> Result<()> {
        let (handle, answer) = P::handle(invocation);
        P::answer(answer, self.0.functor.call(handle)?);
        Ok(())
    }
}

impl<P: Invocable, L> Fits<P, Functor> for L
where
    L: for<'a> Listener<P::Handle<'a>>,
{
    fn into_candidate(self) -> Candidate {
        let call = Call::Async(Arc::new(FunctorCall::<P, L>::new(self)));
        Candidate {
            phase: P::NAME,
            name: name_of::<L>(),
            identity: identity_of::<L>(),
            ports: Vec::new(),
            source: Source::ready(call),
            options: Options::default(),
        }
    }
}

impl<P: Invocable, L> Fits<P, SyncFunctor> for L
where
    L: for<'a> SyncListener<P::Handle<'a>>,
{
    fn into_candidate(self) -> Candidate {
        let call = Call::Sync(Arc::new(SyncFunctorCall::<P, L>::new(self)));
        Candidate {
            phase: P::NAME,
            name: name_of::<L>(),
            identity: identity_of::<L>(),
            ports: Vec::new(),
            source: Source::ready(call),
            options: Options::default(),
        }
    }
}
