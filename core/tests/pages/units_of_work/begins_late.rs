//! Outside of a process there is no unit of work.

use std::sync::Arc;

use dullahan_core::{Context, Core, DefaultAction, Event, Inject, Result};

use crate::memory_store::MemoryStore;

#[derive(Event)] // and not `Process`
struct Order;

async fn order(ev: DefaultAction<'_, Order>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "horse", "ordered").await
}

#[tokio::test]
async fn a_write_outside_of_a_process_is_refused() -> Result<(), Box<dyn std::error::Error>> {
    let mut core = Core::builder();
    core.provide(Arc::new(MemoryStore::default()));
    core.declare::<Order>().default(order);
    let core = core.build()?;

    let error = core.dispatch(&Context::new(), Order).await.unwrap_err();
    assert!(error.to_string().contains("was asked to write outside of a process"));
    Ok(())
}
