//! The runtime of a store, as the core's spawner.

use dullahan_core::{BoxFuture, unit_of_work::Spawner};
use tokio::runtime::Handle;

/// The runtime in which a store was opened: the one of `main`, and not the one of a worker that ends before it.
pub(crate) struct Runtime(Option<Handle>);

impl Runtime {
    pub(crate) fn current() -> Self {
        Self(Handle::try_current().ok())
    }
}

impl Spawner for Runtime {
    /// Without a runtime nothing is left to talk to the database with, so the future is dropped, which the core logs.
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        if let Some(runtime) = self.0.clone().or_else(|| Handle::try_current().ok()) {
            runtime.spawn(future);
        }
    }
}
