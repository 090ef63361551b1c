//! The erased form of a listener.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    error::Result,
    future::{BoxFuture, catch},
    phase::Phase,
};

/// A listener, ready to be called. Sync ones never pay for the box of a future.
pub(crate) enum Call<P: Phase> {
    Sync(SharedCall<P>),
    Async(Arc<dyn AsyncCall<P>>),
}

/// A sync listener, shared with overlays. Calling it takes one load more than that of a box, and less than that
/// of an `Arc<dyn SyncCall>`, whose value stands at a place that depends on its alignment.
pub(crate) type SharedCall<P> = Arc<Box<dyn SyncCall<P>>>;

pub(crate) trait SyncCall<P: Phase>: Send + Sync {
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> Result<P::Return>;
}

pub(crate) trait AsyncCall<P: Phase>: Send + Sync {
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> BoxFuture<'a, Result<P::Return>>;
}

impl<P: Phase> Call<P> {
    /// Calls the listener; a panic in it becomes an error. What it returns is there to be awaited at once.
    #[inline]
    pub(crate) fn invoke<'a>(&'a self, handle: P::Handle<'a>) -> Invocation<'a, P::Return> {
        match self {
            Self::Sync(call) => Invocation::Returned(Some(catch(|| call.call(handle)).flatten())),
            Self::Async(call) => match catch(|| call.call(handle)) {
                Ok(future) => Invocation::Waiting(future),
                Err(error) => Invocation::Returned(Some(Err(error))),
            },
        }
    }

    /// Calls the listener and polls it once; a panic in it becomes an error.
    #[inline]
    pub(crate) fn start<'a>(
        &'a self,
        handle: P::Handle<'a>,
        waker: &mut Context<'_>,
    ) -> Invocation<'a, P::Return> {
        let started = match self {
            Self::Sync(call) => catch(|| Invocation::Returned(Some(call.call(handle)))),
            Self::Async(call) => catch(|| {
                let mut future = call.call(handle);
                match future.as_mut().poll(waker) {
                    Poll::Ready(returned) => Invocation::Returned(Some(returned)),
                    Poll::Pending => Invocation::Waiting(future),
                }
            }),
        };
        started.unwrap_or_else(|error| Invocation::Returned(Some(Err(error))))
    }
}

/// What came of calling a listener, or will come of it. Without a state machine of its own, since there is one
/// for each listener of each dispatch.
pub(crate) enum Invocation<'a, T> {
    Returned(Option<Result<T>>),
    Waiting(BoxFuture<'a, Result<T>>),
}

/// What was returned is never pinned, and a boxed future is pinned in its box.
impl<T> Unpin for Invocation<'_, T> {}

impl<T> Future for Invocation<'_, T> {
    type Output = Result<T>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
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

impl<P: Phase> Clone for Call<P> {
    fn clone(&self) -> Self {
        match self {
            Self::Sync(call) => Self::Sync(Arc::clone(call)),
            Self::Async(call) => Self::Async(Arc::clone(call)),
        }
    }
}
