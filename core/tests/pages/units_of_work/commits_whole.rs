//! A process commits whole or rolls back whole.

use std::sync::Arc;

use dullahan_core::{
    After, Context, Core, DefaultAction, Error, ErrorKind, Inject, Process, Result,
};

use crate::memory_store::MemoryStore;

#[derive(Process)]
struct OrderProcess {
    item: &'static str,
}

async fn order(ev: DefaultAction<'_, OrderProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), ev.item, "ordered").await
}

/// A listener of the application: it takes part in the process without mentioning transactions.
async fn take_from_stock(
    ev: After<'_, OrderProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    if ev.item == "unicorn" {
        return Err(Error::new(ErrorKind::Conflict).with_code("out_of_stock"));
    }
    store.put(ev.context(), "stock", "one less").await
}

#[tokio::test]
async fn a_listener_that_fails_undoes_the_whole_process() -> Result<(), Box<dyn std::error::Error>>
{
    let store = Arc::new(MemoryStore::default());
    let mut core = Core::builder();
    core.units_of_work(store.clone()) // where units of work come from
        .provide(store.clone()); // and what listeners write with
    core.declare::<OrderProcess>().default(order).after(take_from_stock);
    let core = core.build()?;
    let context = Context::new();

    let error = core.dispatch(&context, OrderProcess { item: "unicorn" }).await.unwrap_err();
    assert_eq!(error.code(), "out_of_stock");
    assert!(store.keys().is_empty(), "the order was undone with it");

    core.dispatch(&context, OrderProcess { item: "horse" }).await?;
    assert_eq!(store.keys(), ["horse", "stock"]);
    Ok(())
}
