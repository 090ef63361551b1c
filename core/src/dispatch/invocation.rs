//! One call of a listener: what it is called with, and what it gives back.

use std::{
    any::Any,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{exchange::Parts, scope::Scope};
use crate::{
    error::{Error, Result},
    event::Event,
    future::{BoxFuture, catch},
};

/// What a listener of any phase is called with; its handle is made of it.
pub(crate) struct Invocation<'a> {
    pub(crate) parts: Parts<'a>,
    pub(crate) scope: &'a Scope<'a>,
    /// Which wrap is next, for a wrap; past the last one is the default action.
    pub(crate) inner: usize,
    /// What the dispatch ended with, for whoever is told of that.
    pub(crate) error: Option<&'a Error>,
}

impl<'a> Invocation<'a> {
    #[inline]
    pub(crate) fn new(parts: Parts<'a>, scope: &'a Scope<'a>) -> Self {
        Self { parts, scope, inner: 0, error: None }
    }
}

/// The event with its type.
///
/// # Panics
///
/// When it has another one: listeners are found by the type of their event.
#[inline]
pub(crate) fn event_of<E: Event>(event: &mut super::exchange::AnyEvent) -> &mut E {
    event.downcast_mut().expect("a listener is called with an event of its own type")
}

/// The output in the making with its type.
///
/// # Panics
///
/// When it has another one: it goes with the event.
#[inline]
pub(crate) fn output_of<E: Event>(
    output: &mut dyn super::exchange::AnyOutput,
) -> &mut Option<E::Output> {
    let output: &mut dyn Any = output;
    output.downcast_mut().expect("an event comes with an output of its own type")
}

/// A listener, ready to be called. Sync ones never pay for the box of a future.
#[derive(Clone)]
pub(crate) enum Call {
    Sync(Arc<dyn SyncCall>),
    Async(Arc<dyn AsyncCall>),
}

/// A sync listener. What it produces is in the output in the making when it returns.
pub(crate) trait SyncCall: Send + Sync {
    fn call(&self, invocation: Invocation<'_>) -> Result<()>;
}

/// An async listener. What it produces is in the output in the making when its future is ready.
pub(crate) trait AsyncCall: Send + Sync {
    fn call<'a>(&'a self, invocation: Invocation<'a>) -> BoxFuture<'a, Result<()>>;
}

impl Call {
    /// Calls the listener, and waits for it; a panic in it becomes an error.
    #[inline]
    pub(crate) fn call<'a>(&'a self, invocation: Invocation<'a>) -> Called<'a> {
        match self {
            Self::Sync(call) => Called::Returned(Some(catch(|| call.call(invocation)).flatten())),
            Self::Async(call) => match catch(|| call.call(invocation)) {
                Ok(future) => Called::Waiting(future),
                Err(error) => Called::Returned(Some(Err(error))),
            },
        }
    }
}

/// A listener that has been called.
pub(crate) enum Called<'a> {
    Returned(Option<Result<()>>),
    Waiting(BoxFuture<'a, Result<()>>),
}

impl Future for Called<'_> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        match self.get_mut() {
            Self::Returned(returned) => {
                Poll::Ready(returned.take().expect("a future is not polled once it is ready"))
            }
            // What the future borrowed may be left half done; the dispatch that asked throws it away.
            Self::Waiting(future) => catch(|| future.as_mut().poll(context))
                .unwrap_or_else(|panicked| Poll::Ready(Err(panicked))),
        }
    }
}
