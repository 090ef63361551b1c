//! A listener that holds a flow up where a test wants it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use dullahan_core::{After, Before, Event, Listener, Result};
use tokio::sync::Notify;

/// Holds the next flow up that comes by, once it is closed.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_closed: AtomicBool,
    reached: Notify,
    open: Notify,
}

impl Gate {
    /// Holds up the next flow that comes by, and no other.
    pub(crate) fn close(&self) {
        self.0.is_closed.store(true, Ordering::SeqCst);
    }

    /// Waits until a flow is held up.
    pub(crate) async fn wait_until_reached(&self) {
        self.0.reached.notified().await;
    }

    /// Lets the flow go on.
    pub(crate) fn open(&self) {
        self.0.open.notify_one();
    }
}

impl<E: Event> Listener<Before<'_, E>> for Gate {
    async fn call(&self, _: Before<'_, E>) -> Result<()> {
        self.pass().await
    }
}

impl<E: Event> Listener<After<'_, E>> for Gate {
    async fn call(&self, _: After<'_, E>) -> Result<()> {
        self.pass().await
    }
}

impl Gate {
    async fn pass(&self) -> Result<()> {
        if self.0.is_closed.swap(false, Ordering::SeqCst) {
            self.0.reached.notify_one();
            self.0.open.notified().await;
        }
        Ok(())
    }
}
