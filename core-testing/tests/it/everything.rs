//! One saga with everything in it that a unit of work knows, failing at each of its steps.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Committed, Context, Core, DefaultAction, Event, Inject, ListenerOptions as _,
    Observe, Process, Result, RolledBack, Saga,
};
use dullahan_core_testing::{Attempt, MemoryStore, fail_at_each_step};
use expect_test::expect;

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
struct FetchBackProcess;

#[derive(Process)]
#[event(preventable)]
struct TellProcess;

async fn order(mut ev: DefaultAction<'_, OrderSaga>) -> Result<u32> {
    let price = ev.dispatch(AskPrice).await?;
    ev.dispatch(StoreOrderProcess).await?;
    ev.dispatch(ShipProcess).await?;
    Ok(price)
}

async fn put(store: &MemoryStore, context: &Context, key: &str) -> Result<()> {
    store.put(context, key, "yes").await
}

async fn store_order(
    mut ev: DefaultAction<'_, StoreOrderProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    put(&store, ev.context(), "order").await?;
    ev.dispatch(BillProcess).await?;
    _ = ev.dispatch_in_savepoint(PointsProcess).await;
    ev.compensate_with(CancelProcess);
    Ok(7)
}

async fn bill(ev: DefaultAction<'_, BillProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "bill").await
}

async fn points(
    mut ev: DefaultAction<'_, PointsProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    put(&store, ev.context(), "points").await?;
    _ = ev.dispatch_in_savepoint(BonusProcess).await;
    put(&store, ev.context(), "points, all").await
}

async fn bonus(ev: DefaultAction<'_, BonusProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "bonus").await?;
    put(&store, ev.context(), "bonus, all").await
}

async fn ship(
    mut ev: DefaultAction<'_, ShipProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    put(&store, ev.context(), "parcel").await?;
    ev.compensate_with(FetchBackProcess);
    Ok(())
}

async fn fetch_back(
    ev: DefaultAction<'_, FetchBackProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.remove(ev.context(), "parcel").await
}

async fn cancel(
    ev: DefaultAction<'_, CancelProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    for key in
        ["order", "bill", "points", "points, all", "bonus", "bonus, all", "told", "told, all"]
    {
        store.remove(ev.context(), key).await?;
    }
    Ok(())
}

async fn tell(ev: DefaultAction<'_, TellProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "told").await?;
    put(&store, ev.context(), "told, all").await
}

async fn tell_others(mut ev: Committed<'_, StoreOrderProcess>) -> Result<()> {
    ev.dispatch(TellProcess).await
}

async fn check(mut ev: Before<'_, OrderSaga>) -> Result<()> {
    ev.dispatch(AskPrice).await.map(drop)
}

async fn mark(ev: After<'_, BillProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    put(&store, ev.context(), "bill, all").await
}

async fn unmark(ev: After<'_, CancelProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.remove(ev.context(), "bill, all").await
}

fn core() -> (Core, MemoryStore) {
    let store = MemoryStore::new();
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
    core.declare::<OrderSaga>()
        .before(check)
        .default(order)
        .after((|_: After<'_, OrderSaga>| Ok(())).named("greet"))
        .observe((|_: Observe<'_, OrderSaga>| Ok(())).named("watch"))
        .committed((|_: Committed<'_, OrderSaga>| Ok(())).named("thank"));
    core.declare::<AskPrice>()
        .before((|_: Before<'_, AskPrice>| Ok(())).named("round"))
        .default((|_: DefaultAction<'_, AskPrice>| Ok(7)).named("seven"));
    core.declare::<StoreOrderProcess>()
        .default(store_order)
        .observe((|_: Observe<'_, StoreOrderProcess>| Ok(())).named("watch"))
        .committed(tell_others)
        .rolled_back(|_: RolledBack<'_, StoreOrderProcess>| Ok(()));
    core.declare::<BillProcess>()
        .default(bill)
        .after(mark)
        .committed((|_: Committed<'_, BillProcess>| Ok(())).named("print"));
    core.declare::<PointsProcess>()
        .default(points)
        .observe((|_: Observe<'_, PointsProcess>| Ok(())).named("watch"))
        .rolled_back(|_: RolledBack<'_, PointsProcess>| Ok(()));
    core.declare::<BonusProcess>()
        .default(bonus)
        .committed((|_: Committed<'_, BonusProcess>| Ok(())).named("congratulate"));
    core.declare::<ShipProcess>()
        .before((|_: Before<'_, ShipProcess>| Ok(())).named("weigh"))
        .default(ship);
    core.declare::<CancelProcess>().default(cancel).after(unmark);
    core.declare::<FetchBackProcess>().default(fetch_back);
    core.declare::<TellProcess>().default(tell);
    (core.build().unwrap(), store)
}

/// Whether all of these keys are there, and of each group that may fail alone either all or none.
fn is_whole(keys: &[String], all: &[&str]) -> bool {
    let has = |key: &str| keys.iter().any(|other| other == key);
    ["points", "bonus", "told"].iter().all(|one| has(one) == has(&format!("{one}, all")))
        && all.iter().all(|key| has(key))
}

#[tokio::test]
async fn every_step_of_it_may_fail_and_nothing_is_left() {
    let tried = fail_at_each_step(async || {
        let (core, store) = core();
        let left = store.clone();
        Attempt::saga(&core, OrderSaga)
            .nothing_left(async move || assert_eq!(left.committed().len(), 0, "{left:?}"))
            .all_done(async move || {
                let all = ["order", "bill", "bill, all", "parcel"];
                assert!(is_whole(&store.keys(), &all), "{store:?}");
            })
    })
    .await;
    expect![[r#"
        before of OrderSaga: it::everything::check
        before of AskPrice: round
        default of AskPrice: seven
        default of OrderSaga: it::everything::order
        before of AskPrice: round
        default of AskPrice: seven
        default of StoreOrderProcess: it::everything::store_order
        unit of work: begin
        default of BillProcess: it::everything::bill
        after of BillProcess: it::everything::mark
        default of PointsProcess: it::everything::points
        unit of work: savepoint
        unit of work: savepoint
        default of BonusProcess: it::everything::bonus
        unit of work: savepoint
        unit of work: release savepoint
        unit of work: release savepoint
        observe of PointsProcess: watch
        unit of work: release savepoint
        unit of work: commit
        observe of StoreOrderProcess: watch
        committed of BillProcess: print
        committed of BonusProcess: congratulate
        committed of StoreOrderProcess: it::everything::tell_others
        default of TellProcess: it::everything::tell
        unit of work: begin
        unit of work: commit
        before of ShipProcess: weigh
        default of ShipProcess: it::everything::ship
        unit of work: begin
        unit of work: commit
        after of OrderSaga: greet
        observe of OrderSaga: watch
        committed of OrderSaga: thank
    "#]]
    .assert_eq(&tried.to_string());
    assert!(tried.dropped > tried.steps.len(), "at each step and wherever else it waits");
}

#[tokio::test]
async fn a_process_by_itself_is_whole_or_not_there_whenever_its_future_is_dropped() {
    fail_at_each_step(async || {
        let (core, store) = core();
        let left = store.clone();
        Attempt::process(&core, StoreOrderProcess)
            .nothing_left(async move || assert_eq!(left.committed().len(), 0, "{left:?}"))
            .all_done(async move || {
                assert!(is_whole(&store.keys(), &["order", "bill", "bill, all"]), "{store:?}");
            })
    })
    .await;
}

#[tokio::test]
async fn a_check_that_would_never_hold_is_seen_to_fail() {
    let message = panic_of_future(fail_at_each_step(async || {
        let (core, _) = core();
        Attempt::saga(&core, OrderSaga).nothing_left(async || {
            std::panic::resume_unwind(Box::new("this never holds".to_owned()))
        })
    }))
    .await;
    let complaints: Vec<_> = message.lines().skip(1).collect();
    for way in
        ["- an error at step 1,", "- a panic at step 1,", "- the future was dropped at step 1,"]
    {
        assert!(complaints.iter().any(|complaint| complaint.starts_with(way)), "{way} {message}");
    }
    for complaint in complaints {
        assert!(complaint.ends_with(": something is left: this never holds"), "{complaint}");
    }
}
