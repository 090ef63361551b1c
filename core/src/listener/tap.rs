//! A listener behind a tap, which is asked each time before the listener acts.

use std::{sync::Arc, task::Poll};

use super::Source;
use crate::{
    dispatch::{AsyncCall, Call, Invocation, SyncCall},
    error::Result,
    future::BoxFuture,
};

/// Asked each time before a listener acts: what a testing kit counts, fails and interrupts by.
///
/// Not part of the promise of this crate.
pub trait Tap: Send + Sync + 'static {
    /// The listener is about to act.
    ///
    /// # Errors
    ///
    /// When it is not to act but to fail.
    fn arrived(&self) -> Result<()>;

    /// Whether the listener yields once before it acts, so that its future can be dropped there.
    fn yields(&self) -> bool {
        false
    }
}

/// The listener behind the tap.
pub(crate) fn tapped(source: Source, tap: Arc<dyn Tap>) -> Source {
    Source::of(move |services| {
        let (call, tap) = (source.clone().listener(services)?, Arc::clone(&tap));
        Some(match call {
            Call::Sync(call) if !tap.yields() => Call::Sync(Arc::new(Tapped { call, tap })),
            call => Call::Async(Arc::new(Tapped { call, tap })),
        })
    })
}

struct Tapped<C> {
    call: C,
    tap: Arc<dyn Tap>,
}

impl SyncCall for Tapped<Arc<dyn SyncCall>> {
    fn call(&self, invocation: Invocation<'_>) -> Result<()> {
        self.tap.arrived()?;
        self.call.call(invocation)
    }
}

impl AsyncCall for Tapped<Call> {
    fn call<'a>(&'a self, invocation: Invocation<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.tap.arrived()?;
            if self.tap.yields() {
                yield_once().await;
            }
            self.call.call(invocation).await
        })
    }
}

async fn yield_once() {
    let mut has_yielded = false;
    std::future::poll_fn(|context| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
