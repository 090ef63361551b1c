//! A listener behind a tap, which is asked each time before it acts.

use std::sync::Arc;

use super::pause::pause;
use crate::{
    error::Result,
    future::BoxFuture,
    listener::{AsyncCall, Call, SharedCall, SyncCall},
    phase::Phase,
};

/// Stands before a listener.
pub(crate) trait Tap: Send + Sync {
    /// The listener is about to be called; an error, or a panic, comes in its place.
    fn arrived(&self) -> Result<()>;
}

/// A listener behind a tap.
pub(crate) struct Tapped<C, T> {
    pub(crate) call: C,
    pub(crate) tap: T,
}

/// Puts a tap before a listener. A sync one stays sync, so that its event still takes the shortest path.
pub(crate) fn tapped<P: Phase>(call: Call<P>, tap: impl Tap + 'static) -> Call<P> {
    match call {
        Call::Sync(call) => Call::Sync(Arc::new(Box::new(Tapped { call, tap }))),
        Call::Async(call) => Call::Async(Arc::new(Tapped { call: Call::Async(call), tap })),
    }
}

impl<P: Phase, T: Tap> SyncCall<P> for Tapped<SharedCall<P>, T> {
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> Result<P::Return> {
        self.tap.arrived()?;
        self.call.call(handle)
    }
}

impl<P: Phase, T: Tap> AsyncCall<P> for Tapped<Call<P>, T> {
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> BoxFuture<'a, Result<P::Return>> {
        Box::pin(async move {
            self.tap.arrived()?;
            self.call.invoke(handle).await
        })
    }
}

/// A listener behind a tap, with a place between the two at which the dispatch can be dropped.
pub(super) struct Halting<P: Phase, T> {
    pub(super) call: Call<P>,
    pub(super) tap: T,
}

impl<P: Phase, T: Tap> AsyncCall<P> for Halting<P, T> {
    fn call<'a>(&'a self, handle: P::Handle<'a>) -> BoxFuture<'a, Result<P::Return>> {
        Box::pin(async move {
            self.tap.arrived()?;
            pause().await;
            self.call.invoke(handle).await
        })
    }
}
