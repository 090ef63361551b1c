//! One saga with everything in it that a unit of work knows, failing at each of its steps.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Committed, Context, Core, Error, Event, Fault, Observe, Perform, Process,
    Result, RolledBack, Saga, Service,
    testing::{Attempt, MemoryStore, fail_at_each_step},
};

use super::panic_of_future;

/// An order: it asks for the price, is stored, and is told to others.
#[derive(Saga)]
#[event(output = u32)]
struct OrderSaga;

#[derive(Event)]
#[event(output = u32, preventable)]
struct AskPrice;

#[derive(Process)]
#[event(output = u32, preventable)]
struct StoreOrderProcess;

#[derive(Process)]
#[event(preventable)]
struct BillProcess;

#[derive(Process)]
#[event(preventable)]
struct PointsProcess;

#[derive(Process)]
#[event(preventable)]
struct BonusProcess;

#[derive(Process)]
#[event(preventable)]
struct ShipProcess;

#[derive(Process)]
#[event(preventable)]
struct CancelProcess;

#[derive(Process)]
#[event(preventable)]
struct TellProcess;

async fn order(mut ev: Perform<'_, OrderSaga>) -> Result<u32> {
    let price = ev.dispatch(AskPrice).await?;
    ev.dispatch(StoreOrderProcess).await?;
    ev.dispatch(ShipProcess).await?;
    Ok(price)
}

async fn put(store: &MemoryStore, context: &Context, key: &str) -> Result<()> {
    store.put(context, key, "yes").await
}

async fn store_order(
    mut ev: Perform<'_, StoreOrderProcess>,
    store: Service<'_, MemoryStore>,
) -> Result<u32> {
    put(&store, ev.context(), "order").await?;
    ev.dispatch(BillProcess).await?;
    _ = ev.dispatch_in_savepoint(PointsProcess).await;
    ev.compensate_with(CancelProcess);
    Ok(7)
}

async fn bill(ev: Perform<'_, BillProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "bill").await
}

async fn points(mut ev: Perform<'_, PointsProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "points").await?;
    _ = ev.dispatch_in_savepoint(BonusProcess).await;
    put(&store, ev.context(), "points, all").await
}

async fn bonus(ev: Perform<'_, BonusProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "bonus").await?;
    put(&store, ev.context(), "bonus, all").await
}

async fn ship(ev: Perform<'_, ShipProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "parcel").await
}

async fn cancel(ev: Perform<'_, CancelProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
    for key in
        ["order", "bill", "points", "points, all", "bonus", "bonus, all", "told", "told, all"]
    {
        store.remove(ev.context(), key).await?;
    }
    Ok(())
}

async fn tell(ev: Perform<'_, TellProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "told").await?;
    put(&store, ev.context(), "told, all").await
}

async fn tell_others(mut ev: Committed<'_, StoreOrderProcess>) -> Result<()> {
    ev.dispatch(TellProcess).await
}

async fn check(mut ev: Before<'_, OrderSaga>) -> Result<()> {
    ev.dispatch(AskPrice).await.map(drop)
}

async fn mark(ev: After<'_, BillProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "bill, all").await
}

async fn unmark(ev: After<'_, CancelProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
    store.remove(ev.context(), "bill, all").await
}

fn core() -> (Core, MemoryStore) {
    let store = MemoryStore::new();
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
    core.declare::<OrderSaga>()
        .before(0, check)
        .default(order)
        .after(0, |_: After<'_, OrderSaga>| Ok(()))
        .observe(|_: Observe<'_, OrderSaga>| Ok(()))
        .committed(|_: Committed<'_, OrderSaga>| Ok(()));
    core.declare::<AskPrice>()
        .before(0, |_: Before<'_, AskPrice>| Ok(()))
        .default(|_: Perform<'_, AskPrice>| Ok(7));
    core.declare::<StoreOrderProcess>()
        .default(store_order)
        .observe(|_: Observe<'_, StoreOrderProcess>| Ok(()))
        .committed(tell_others)
        .rolled_back(|_: RolledBack<'_, StoreOrderProcess>| Ok(()));
    core.declare::<BillProcess>()
        .default(bill)
        .after(0, mark)
        .committed(|_: Committed<'_, BillProcess>| Ok(()));
    core.declare::<PointsProcess>()
        .default(points)
        .observe(|_: Observe<'_, PointsProcess>| Ok(()))
        .rolled_back(|_: RolledBack<'_, PointsProcess>| Ok(()));
    core.declare::<BonusProcess>()
        .default(bonus)
        .committed(|_: Committed<'_, BonusProcess>| Ok(()));
    core.declare::<ShipProcess>().before(0, |_: Before<'_, ShipProcess>| Ok(())).default(ship);
    core.declare::<CancelProcess>().default(cancel).after(0, unmark);
    core.declare::<TellProcess>().default(tell);
    (core.build().unwrap(), store)
}

/// The keys come whole or not at all, each group of those that may fail alone for itself.
fn all_or_nothing(keys: &[String]) -> bool {
    let has = |key: &str| keys.iter().any(|other| other == key);
    ["points", "bonus", "told"].iter().all(|one| has(one) == has(&format!("{one}, all")))
        && ["order", "bill", "bill, all", "parcel"].iter().all(|one| has(one))
}

#[tokio::test]
async fn every_step_of_it_may_fail_and_nothing_is_left() {
    let tried = fail_at_each_step(async || {
        let (core, store) = core();
        let left = store.clone();
        Attempt::saga(&core, OrderSaga)
            .nothing_left(async move || assert_eq!(left.committed().len(), 0, "{left:?}"))
            .all_done(async move || assert!(all_or_nothing(&store.keys()), "{store:?}"))
    })
    .await;
    assert_eq!(tried.steps.len(), 37);
    assert!(tried.dropped > 60, "{}", tried.dropped);
}

#[tokio::test]
async fn a_process_by_itself_is_whole_or_not_there_whenever_its_future_is_dropped() {
    fail_at_each_step(async || {
        let (core, store) = core();
        Attempt::of(&core, async move |core| {
            let result = core.run_process(StoreOrderProcess).await;
            assert!(result.is_err() || store.keys().len() >= 3, "{store:?}");
            result
        })
    })
    .await;
}

#[tokio::test]
async fn a_check_that_would_never_hold_is_seen_to_fail() {
    let message = panic_of_future(fail_at_each_step(async || {
        let (core, _) = core();
        Attempt::saga(&core, OrderSaga).nothing_left(async || {
            std::panic::resume_unwind(Box::new(Error::new(Fault::Conflict).to_string()))
        })
    }))
    .await;
    let errors = message.lines().filter(|line| line.starts_with("- an error at step")).count();
    let panics = message.lines().filter(|line| line.starts_with("- a panic at step")).count();
    assert!(errors > 10 && errors == panics, "{message}");
    assert!(message.contains("something is left: "), "{message}");
}
