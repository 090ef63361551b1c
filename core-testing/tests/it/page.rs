//! The code of `docs/testing.md`, and the messages that it shows.

use std::sync::Arc;

use dullahan_core::{After, Context, Core, CoreBuilder, ListenerOptions as _};
use dullahan_core_testing::{Attempt, Fakes, MemoryStore, Recorder, StoreCall, fail_at_each_step};
use parking_lot::Mutex;

use super::{panic_of, panic_of_future};

#[expect(dead_code, unreachable_pub, reason = "it is written as its author would publish it")]
#[path = "../../docs/shop.rs"]
mod shop;

use self::shop::{AskPrice, OrderSaga, StoreOrderProcess, WriteBill, shop};

const PAGE: &str = include_str!("../../docs/testing.md");

#[tokio::test]
async fn one_step_is_faked_and_the_rest_is_recorded() -> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(shop);
    let core = core.build()?;

    let (core, fakes) = Fakes::over(&core).fake_output::<AskPrice>(7).build()?;
    let (core, recorder) = Recorder::over(&core)?;

    assert_eq!(core.run(OrderSaga { item: "horse" }).await?, 7);

    fakes.assert_called::<AskPrice>(1);
    recorder.assert_dispatched::<WriteBill>();
    recorder.assert_dispatched_times::<StoreOrderProcess>(1);
    recorder.assert_order(["OrderSaga", "AskPrice", "WriteBill"]);
    assert_eq!(store.committed()["bill"], "7");
    Ok(())
}

#[tokio::test]
async fn a_rollback_is_in_the_journal() -> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(shop);
    let core = core.build()?;

    store.fail_nth(StoreCall::Put, 2);

    let process = StoreOrderProcess { item: "horse", price: 7 };
    assert!(core.dispatch(&Context::new(), process).await.is_err());

    assert!(store.is_empty());
    assert_eq!(store.journal(), ["begin", "put order", "put bill fails", "rollback"]);
    Ok(())
}

#[tokio::test]
async fn every_step_fails_in_its_turn() {
    let tried = fail_at_each_step(async || {
        let store = MemoryStore::new();
        let mut core = Core::builder();
        core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(shop);
        let core = core.build().expect("the wiring is sound");
        let faked = Fakes::over(&core).fake_output::<AskPrice>(7).build();
        let (core, _) = faked.expect("the event is declared");

        let stored = store.clone();
        Attempt::saga(&core, OrderSaga { item: "horse" })
            .nothing_left(async move || assert!(store.is_empty()))
            .all_done(async move || assert_eq!(stored.keys(), ["bill", "order"]))
    })
    .await;

    assert_eq!(
        tried.steps.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "default of OrderSaga: order",
            "default of AskPrice: fake",
            "default of StoreOrderProcess: store_order",
            "unit of work: begin",
            "default of WriteBill: write_bill",
            "unit of work: commit",
        ]
    );
}

fn core(extend: impl FnOnce(&mut CoreBuilder)) -> (Core, MemoryStore) {
    let store = MemoryStore::new();
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(shop);
    extend(&mut core);
    let core = core.build().unwrap();
    let (core, _) = Fakes::over(&core).fake_output::<AskPrice>(7).build().unwrap();
    (core, store)
}

#[tokio::test]
async fn what_a_recorder_shows() {
    let (core, recorder) = Recorder::over(&core(|_| {}).0).unwrap();
    core.run(OrderSaga { item: "horse" }).await.unwrap();
    let message = panic_of(|| recorder.assert_dispatched_times::<OrderSaga>(2));
    assert!(PAGE.contains(&message), "the page shows something else than\n{message}");
}

#[tokio::test]
async fn what_a_broken_saga_reports() {
    let tried = fail_at_each_step(async || {
        let told = Arc::new(Mutex::new(false));
        let tells = Arc::clone(&told);
        let (core, store) = core(|core| {
            core.event::<StoreOrderProcess>().after(
                (move |_: After<'_, StoreOrderProcess>| {
                    *tells.lock() = true;
                    Ok(())
                })
                .named("tell"),
            );
        });
        Attempt::saga(&core, OrderSaga { item: "horse" }).nothing_left(async move || {
            assert!(store.is_empty());
            assert!(!*told.lock(), "the other service knows of the order");
        })
    });
    let message = panic_of_future(tried).await;
    let (_, complaints) = message.split_once('\n').unwrap();
    assert!(PAGE.contains(complaints), "the page shows something else than\n{complaints}");
}
