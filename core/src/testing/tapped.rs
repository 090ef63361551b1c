//! A listener behind a tap, which is asked each time before it acts.

use std::sync::Arc;

use super::pause::pause;
use crate::{
    dispatch::{AsyncCall, Call, SyncCall, Turn},
    error::Result,
    future::BoxFuture,
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
pub(crate) fn tapped(call: Call, tap: impl Tap + 'static) -> Call {
    match call {
        Call::Sync(call) => Call::Sync(Arc::new(Tapped { call, tap })),
        Call::Async(call) => Call::Async(Arc::new(Tapped { call, tap })),
    }
}

impl<T: Tap> SyncCall for Tapped<Arc<dyn SyncCall>, T> {
    fn call(&self, turn: Turn<'_>) -> Result<()> {
        self.tap.arrived()?;
        self.call.call(turn)
    }
}

impl<T: Tap> AsyncCall for Tapped<Arc<dyn AsyncCall>, T> {
    fn call<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.tap.arrived()?;
            self.call.call(turn).await
        })
    }
}

/// A listener behind a tap, with a place between the two at which the dispatch can be dropped.
pub(super) struct Halting<T> {
    pub(super) call: Call,
    pub(super) tap: T,
}

impl<T: Tap> AsyncCall for Halting<T> {
    fn call<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.tap.arrived()?;
            pause().await;
            self.call.call(turn).await
        })
    }
}
