//! The messages that the page on testing shows are those that one gets.

use std::sync::Arc;

use dullahan_core::{After, Core, CoreBuilder, ListenerOptions as _};
use dullahan_core_testing::{Attempt, Fakes, MemoryStore, Recorder, fail_at_each_step};
use parking_lot::Mutex;

use super::{panic_of, panic_of_future};

#[expect(dead_code, unreachable_pub, reason = "it is written as its author would publish it")]
#[path = "../../docs/shop.rs"]
mod shop;

use self::shop::{AskPrice, OrderSaga, StoreOrderProcess, shop};

const PAGE: &str = include_str!("../../docs/testing.md");

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
async fn what_a_broken_saga_is_told() {
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
