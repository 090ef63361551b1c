//! Sagas whose undoing is broken: each one is found, and the step is named.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use dullahan_core::{
    After, BoxFuture, Context, Core, CoreBuilder, DefaultAction, Error, Inject,
    ListenerOptions as _, Process, Result, Saga,
    unit_of_work::{UnitOfWork, UnitOfWorkProvider},
};
use dullahan_core_testing::{Attempt, MemoryStore, fail_at_each_step};
use expect_test::expect;
use parking_lot::Mutex;

use super::panic_of_future;
use crate::support::pause;

#[derive(Saga)]
struct OrderSaga;

#[derive(Process)]
#[event(preventable)]
struct OrderProcess;

#[derive(Process)]
#[event(preventable)]
struct PayProcess;

#[derive(Process)]
#[event(preventable)]
struct CancelOrderProcess;

/// Something that no unit of work undoes.
type Cache = Mutex<Vec<&'static str>>;

async fn order_and_pay(mut ev: DefaultAction<'_, OrderSaga>) -> Result<()> {
    ev.dispatch(OrderProcess).await?;
    ev.dispatch(PayProcess).await
}

async fn order(ev: DefaultAction<'_, OrderProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "order", "horse").await
}

async fn pay(ev: DefaultAction<'_, PayProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "payment", "7").await
}

async fn cancel(
    ev: DefaultAction<'_, CancelOrderProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.remove(ev.context(), "order").await
}

fn wire(core: &mut CoreBuilder) {
    core.declare::<OrderSaga>().default(order_and_pay.named("order and pay"));
    core.declare::<OrderProcess>().default(order.named("order"));
    core.declare::<PayProcess>().default(pay.named("pay"));
    core.declare::<CancelOrderProcess>().default(cancel);
}

fn core(extend: impl FnOnce(&mut CoreBuilder)) -> (Core, MemoryStore) {
    let store = MemoryStore::new();
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(wire);
    extend(&mut core);
    (core.build().unwrap(), store)
}

/// The message without the place in this file.
async fn complaints(tried: impl Future) -> String {
    let message = panic_of_future(tried).await;
    let (first, rest) = message.split_once('\n').unwrap();
    let (count, place) = first.split_once(", tried from ").unwrap();
    assert!(place.starts_with(&format!("{}:", file!())), "{message}");
    format!("{count}\n{rest}")
}

#[tokio::test]
async fn what_no_unit_of_work_undoes_is_found() {
    async fn fill(_: After<'_, OrderProcess>, cache: Inject<'_, Cache>) -> Result<()> {
        cache.lock().push("order");
        Ok(())
    }
    let tried = fail_at_each_step(async || {
        let cache = Arc::new(Cache::default());
        let (core, _) = core(|core| {
            core.provide(Arc::clone(&cache));
            core.event::<OrderProcess>().after(fill.named("fill"));
        });
        Attempt::process(&core, OrderProcess)
            .nothing_left(async move || assert!(cache.lock().is_empty(), "the cache is filled"))
    });
    expect![[r#"
        3 of 21 runs went wrong
        - an error at step 4, unit of work: commit: something is left: the cache is filled
        - a panic at step 4, unit of work: commit: something is left: the cache is filled
        - the future was dropped at step 4, unit of work: commit: something is left: the cache is filled"#]]
    .assert_eq(&complaints(tried).await);
}

#[tokio::test]
async fn a_saga_of_two_processes_needs_a_compensation() {
    let without = fail_at_each_step(async || {
        let (core, store) = core(|_| {});
        Attempt::saga(&core, OrderSaga)
            .nothing_left(async move || assert_eq!(store.keys(), Vec::<String>::new()))
    });
    let complaints = complaints(without).await;
    let errors: Vec<_> = complaints.lines().filter(|line| line.starts_with("- an error")).collect();
    expect![[r#"
        - an error at step 5, default of PayProcess: pay: something is left: assertion `left == right` failed
        - an error at step 6, unit of work: begin: something is left: assertion `left == right` failed
        - an error at step 7, unit of work: commit: something is left: assertion `left == right` failed"#]]
    .assert_eq(&errors.join("\n"));
    assert!(!complaints.contains("dropped"), "nobody is left to compensate: {complaints}");

    let with = fail_at_each_step(async || {
        let (core, store) = core(|core| {
            core.event::<OrderProcess>().after(|mut ev: After<'_, OrderProcess>| {
                ev.compensate_with(CancelOrderProcess);
                Ok(())
            });
        });
        Attempt::saga(&core, OrderSaga).nothing_left(async move || assert!(store.is_empty()))
    });
    assert_eq!(with.await.steps.len(), 8);
}

#[tokio::test]
async fn without_a_check_no_unit_of_work_may_be_committed() {
    let sound = fail_at_each_step(async || Attempt::process(&core(|_| {}).0, OrderProcess));
    assert_eq!(sound.await.steps.len(), 3);

    let broken = fail_at_each_step(async || Attempt::saga(&core(|_| {}).0, OrderSaga));
    let complaints = complaints(broken).await;
    assert!(
        complaints
            .contains("- a panic at step 7, unit of work: commit: 1 unit of work was committed"),
        "{complaints}"
    );
}

#[tokio::test]
async fn what_is_torn_only_while_it_waits_is_found() {
    async fn swap(_: After<'_, OrderProcess>, cache: Inject<'_, Cache>) -> Result<()> {
        cache.lock().push("half");
        pause().await;
        cache.lock().clear();
        Ok(())
    }
    let tried = fail_at_each_step(async || {
        let cache = Arc::new(Cache::default());
        let (core, _) = core(|core| {
            core.provide(Arc::clone(&cache));
            core.event::<OrderProcess>().after(swap.named("swap"));
        });
        Attempt::process(&core, OrderProcess)
            .nothing_left(async move || assert!(cache.lock().is_empty(), "the cache is torn"))
    });
    expect![[r#"
        1 of 22 runs went wrong
        - the future was dropped at step 3, after of OrderProcess: swap: something is left: the cache is torn"#]]
    .assert_eq(&complaints(tried).await);
}

/// A store that commits when it should roll back.
struct Broken(MemoryStore);

struct BrokenUnit(Box<dyn UnitOfWork>);

impl UnitOfWorkProvider for Broken {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async { Ok(Box::new(BrokenUnit(self.0.begin().await?)) as Box<dyn UnitOfWork>) })
    }
}

impl UnitOfWork for BrokenUnit {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.0.commit()
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.0.commit()
    }

    fn savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        self.0.savepoint(number)
    }

    fn release_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        self.0.release_savepoint(number)
    }

    fn rollback_to_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        self.0.rollback_to_savepoint(number)
    }

    fn inner(&mut self) -> Option<&mut dyn UnitOfWork> {
        Some(&mut *self.0)
    }
}

#[tokio::test]
async fn a_store_whose_rollback_is_broken_is_found() {
    let tried = fail_at_each_step(async || {
        let store = MemoryStore::new();
        let mut core = Core::builder();
        core.units_of_work(Arc::new(Broken(store.clone()))).provide(Arc::new(store.clone()));
        core.module(wire);
        core.event::<OrderProcess>().after((|_: After<'_, OrderProcess>| Ok(())).named("last"));
        Attempt::process(&core.build().unwrap(), OrderProcess)
            .nothing_left(async move || assert!(store.is_empty(), "the order is there"))
    });
    expect![[r#"
        3 of 21 runs went wrong
        - an error at step 3, after of OrderProcess: last: something is left: the order is there
        - an error at step 4, unit of work: commit: something is left: the order is there
        - a panic at step 3, after of OrderProcess: last: something is left: the order is there"#]]
    .assert_eq(&complaints(tried).await);
}

#[tokio::test]
async fn a_unit_of_work_that_is_left_open_is_found() {
    let is_first = AtomicBool::new(true);
    let tried = fail_at_each_step(async || {
        let is_first = is_first.swap(false, Ordering::SeqCst);
        Attempt::of(&core(|_| {}).0, async move |core| {
            if is_first {
                return core.dispatch(&Context::new(), OrderProcess).await;
            }
            // Somebody else goes on with it and never comes to an end.
            let mut forgotten =
                Box::pin(async move { core.dispatch(&Context::new(), OrderProcess).await });
            std::future::poll_fn(|context| {
                for _ in 0..4 {
                    _ = forgotten.as_mut().poll(context);
                }
                Poll::Ready(())
            })
            .await;
            std::mem::forget(forgotten);
            Ok(())
        })
    });
    let complaints = complaints(tried).await;
    assert!(complaints.contains(": 1 unit of work is still open"), "{complaints}");
}

#[tokio::test]
async fn a_saga_that_fails_by_itself_is_told_so() {
    let tried = fail_at_each_step(async || {
        let (core, store) = core(|core| {
            core.event::<OrderProcess>().after(|_: After<'_, OrderProcess>| {
                Err::<(), _>(Error::internal("the wrong disk"))
            });
        });
        Attempt::process(&core, OrderProcess).nothing_left(async move || assert!(store.is_empty()))
    });
    let complaints = complaints(tried).await;
    assert!(
        complaints
            .starts_with("1 of 1 runs went wrong\n- nothing was made to fail: the run failed: "),
        "{complaints}"
    );
    assert!(complaints.ends_with(": the wrong disk"), "{complaints}");
}

#[tokio::test]
async fn what_is_not_done_after_a_success_is_found() {
    let tried = fail_at_each_step(async || {
        let (core, store) = core(|_| {});
        Attempt::process(&core, OrderProcess)
            .all_done(async move || assert!(store.keys().len() == 2, "the bill is missing"))
    });
    expect![[r#"
        1 of 1 runs went wrong
        - nothing was made to fail: it succeeded, but the bill is missing"#]]
    .assert_eq(&complaints(tried).await);
}

#[tokio::test]
async fn an_error_that_is_swallowed_where_half_is_done_is_found() {
    async fn carry_on(mut ev: DefaultAction<'_, OrderSaga>) -> Result<()> {
        _ = ev.dispatch(OrderProcess).await;
        ev.dispatch(PayProcess).await
    }
    let tried = fail_at_each_step(async || {
        let (core, store) = core(|core| {
            core.event::<OrderSaga>().override_default(carry_on);
        });
        let orders = store.clone();
        Attempt::saga(&core, OrderSaga)
            .nothing_left(async move || assert!(store.is_empty()))
            .all_done(async move || assert!(orders.keys().len() == 2, "paid for nothing"))
    });
    let complaints = complaints(tried).await;
    assert!(
        complaints.contains(
            "- an error at step 2, default of OrderProcess: order: it succeeded, but paid for nothing"
        ),
        "{complaints}"
    );
}
