//! Listeners that write.

use std::sync::Arc;

use dullahan_core::{After, Before, Core, CoreBuilder, DefaultAction, Event, Listener, Result};

use super::{Log, MemoryStore};

/// A builder with a memory store for units of work, and the store itself as a service.
pub(crate) fn store_builder(log: &Log) -> (CoreBuilder, MemoryStore) {
    let store = MemoryStore::new(log);
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    core.provide(Arc::new(store.clone())).provide(Arc::new(log.clone()));
    (core, store)
}

/// Writes one key, and gives 7 where an output is asked for.
pub(crate) struct Put(&'static str, Arc<MemoryStore>);

impl<E: Event> Listener<Before<'_, E>> for Put {
    async fn call(&self, ev: Before<'_, E>) -> Result<()> {
        self.1.put(ev.context(), self.0, "1").await
    }
}

impl<E: Event<Output = u32>> Listener<DefaultAction<'_, E>> for Put {
    async fn call(&self, ev: DefaultAction<'_, E>) -> Result<u32> {
        self.1.put(ev.context(), self.0, "1").await?;
        Ok(7)
    }
}

impl<E: Event> Listener<After<'_, E>> for Put {
    async fn call(&self, ev: After<'_, E>) -> Result<()> {
        self.1.put(ev.context(), self.0, "1").await
    }
}

/// A constructor of [`Put`], as a listener to register.
pub(crate) fn put(key: &'static str) -> impl Fn(Arc<MemoryStore>) -> Put + Send + Sync + 'static {
    move |store| Put(key, store)
}
