//! The erased form of a listener.

use std::sync::Arc;

use crate::{
    error::Result,
    future::{BoxFuture, catch, catch_panic},
    phase::Phase,
};

/// A listener, ready to be called. Sync ones never pay for the box of a future.
pub(crate) enum Call<P: Phase> {
    Sync(Arc<dyn SyncCall<P>>),
    Async(Arc<dyn AsyncCall<P>>),
}

pub(crate) trait SyncCall<P: Phase>: Send + Sync {
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> Result<P::Return>;
}

pub(crate) trait AsyncCall<P: Phase>: Send + Sync {
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> BoxFuture<'a, Result<P::Return>>;
}

impl<P: Phase> Call<P> {
    /// Calls the listener and waits for it; a panic in it becomes an error.
    pub(crate) async fn invoke<'a>(&'a self, handle: P::Handle<'a>) -> Result<P::Return> {
        match self {
            Self::Sync(call) => catch(|| call.call(handle)).flatten(),
            Self::Async(call) => match catch(|| call.call(handle)) {
                Ok(future) => catch_panic(future).await,
                Err(error) => Err(error),
            },
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
