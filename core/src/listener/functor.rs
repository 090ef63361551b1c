//! A functor: a struct with its ports as fields and one method.

use std::sync::Arc;

use super::{AsyncCall, Call, Candidate, Functor, identity_of, name_of, shape::Fits};
use crate::{
    error::Result,
    future::BoxFuture,
    phase::{Handle, Phase},
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

/// The erased form of a functor.
pub(super) struct FunctorCall<L>(pub(super) L);

impl<P: Phase, L> AsyncCall<P> for FunctorCall<L>
where
    L: for<'a> Listener<P::Handle<'a>>,
{
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> BoxFuture<'a, Result<P::Return>> {
        Box::pin(self.0.call(handle))
    }
}

impl<P: Phase, L> Fits<P, Functor> for L
where
    L: for<'a> Listener<P::Handle<'a>>,
{
    fn into_candidate(self) -> Candidate<P> {
        let call = Call::Async(Arc::new(FunctorCall(self)));
        Candidate {
            name: name_of::<L>(),
            identity: identity_of::<L>(),
            ports: Vec::new(),
            resolve: Arc::new(move |_| Some(call.clone())),
        }
    }
}
