//! The store in memory.

use std::sync::Arc;

use dullahan_core::{
    BoxFuture, Context, Core, DefaultAction, Error, Event, Inject, Process, Result,
    unit_of_work::{UnitOfWork, UnitOfWorkProvider},
};
use dullahan_core_testing::{MemoryStore, StoreCall};
use parking_lot::Mutex;

use crate::support::give_up_after;

#[derive(Process)]
struct OrderProcess {
    fails: bool,
}

#[derive(Process)]
struct BillProcess;

#[derive(Event)]
struct Look;

async fn order(
    mut ev: DefaultAction<'_, OrderProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), "order", "open").await?;
    store.remove(ev.context(), "cart").await?;
    assert_eq!(store.get(ev.context(), "order").await?.as_deref(), Some("open"));
    assert_eq!(store.get(ev.context(), "cart").await?, None);
    if ev.dispatch_in_savepoint(BillProcess).await.is_err() {
        assert_eq!(store.get(ev.context(), "bill").await?, None);
    }
    if ev.fails {
        return Err(Error::internal("told to"));
    }
    Ok(())
}

async fn bill(ev: DefaultAction<'_, BillProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "bill", "open").await?;
    store.put(ev.context(), "bill sent", "yes").await
}

async fn write(ev: DefaultAction<'_, Look>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "seen", "yes").await
}

fn core(store: &MemoryStore) -> Core {
    core_over(store, store.provider())
}

fn core_over(store: &MemoryStore, provider: Arc<dyn UnitOfWorkProvider>) -> Core {
    let mut core = Core::builder();
    core.units_of_work(provider).provide(Arc::new(store.clone()));
    core.declare::<OrderProcess>().default(order);
    core.declare::<BillProcess>().default(bill);
    core.declare::<Look>().default(write);
    core.build().unwrap()
}

#[tokio::test]
async fn what_is_committed_is_there_and_what_is_rolled_back_is_not() {
    let store = MemoryStore::new();
    let core = core(&store);
    assert!(core.dispatch(&Context::new(), OrderProcess { fails: true }).await.is_err());
    assert!(store.is_empty());

    core.dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap();
    assert_eq!(store.keys(), ["bill", "bill sent", "order"]);
    assert_eq!(store.get(&Context::new(), "order").await.unwrap().as_deref(), Some("open"));
    let order = ["begin", "put order", "remove cart"];
    let bill = ["savepoint 0", "put bill", "put bill sent", "release 0"];
    let expected = [&order[..], &bill, &["rollback"], &order, &bill, &["commit"]].concat();
    assert_eq!(store.journal(), expected);
}

#[tokio::test]
async fn what_is_told_to_fail_fails_once_and_leaves_nothing() {
    for (call, entry) in [
        (StoreCall::Begin, "begin fails"),
        (StoreCall::Put, "put order fails"),
        (StoreCall::Remove, "remove cart fails"),
        (StoreCall::Commit, "commit fails"),
    ] {
        let store = MemoryStore::new();
        let core = core(&store);
        store.fail_next(call);
        let error =
            core.dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap_err();
        assert!(error.to_string().contains("the memory store was told to fail: "), "{error}");
        assert!(store.is_empty());
        assert!(store.journal().contains(&entry.to_owned()), "{:?}", store.journal());
        core.dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap();
    }
}

#[tokio::test]
async fn savepoints_can_be_told_to_fail() {
    for call in [StoreCall::Savepoint, StoreCall::ReleaseSavepoint] {
        let store = MemoryStore::new();
        store.fail_next(call);
        core(&store).dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap();
        assert_eq!(store.keys(), ["order"], "{call:?}");
    }
    let store = MemoryStore::new();
    store.fail_nth(StoreCall::Put, 3);
    store.fail_next(StoreCall::RollbackToSavepoint);
    core(&store).dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap();
    assert_eq!(store.keys(), ["order"], "it is asked again before the commit");
}

#[tokio::test]
async fn the_nth_call_of_a_kind_fails() {
    let store = MemoryStore::new();
    store.fail_nth(StoreCall::Put, 3);
    core(&store).dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap();
    assert_eq!(store.keys(), ["order"], "the bill alone is undone");
    assert_eq!(
        store.journal()[4..],
        ["put bill", "put bill sent fails", "rollback to 0", "commit"]
    );
}

#[tokio::test]
async fn the_nth_call_of_whatever_kind_fails() {
    let store = MemoryStore::new();
    core(&store).dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap();
    let calls = store.journal();
    for n in 1..=calls.len() {
        let store = MemoryStore::new();
        store.fail_nth_call(n);
        _ = core(&store).dispatch(&Context::new(), OrderProcess { fails: false }).await;
        assert_eq!(store.journal()[n - 1], format!("{} fails", calls[n - 1]));
        let failed = store.journal().iter().filter(|entry| entry.ends_with("fails")).count();
        assert_eq!(failed, 1);
    }
}

#[tokio::test]
async fn a_rollback_that_fails_has_undone_all_the_same() {
    let store = MemoryStore::new();
    store.fail_next(StoreCall::Rollback);
    core(&store).dispatch(&Context::new(), OrderProcess { fails: true }).await.unwrap_err();
    assert_eq!(store.journal().last().unwrap(), "rollback fails");
    assert!(store.is_empty());
}

#[tokio::test]
async fn a_unit_of_work_that_is_dropped_is_rolled_back() {
    let mut polls = 1;
    loop {
        let store = MemoryStore::new();
        let core = core(&store);
        let run =
            give_up_after(polls, core.dispatch(&Context::new(), OrderProcess { fails: false }))
                .await;
        if run.is_some() {
            break;
        }
        match store.journal().last().map(String::as_str) {
            None => assert!(store.is_empty()),
            Some("commit") => assert!(!store.is_empty()),
            Some(last) => {
                assert_eq!(last, "rollback by drop");
                assert!(store.is_empty());
            }
        }
        polls += 1;
    }
    assert!(polls > 10, "each call gives way before it acts and after: {polls}");
}

#[tokio::test]
async fn the_journal_is_told_to_whoever_asked_for_it() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let entries = Arc::clone(&told);
    let store = MemoryStore::with_journal(move |entry| entries.lock().push(entry.to_owned()));
    core(&store).dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap();
    assert_eq!(*told.lock(), store.journal());
}

#[tokio::test]
async fn a_write_outside_of_a_process_is_refused() {
    let store = MemoryStore::new();
    let error = core(&store).dispatch(&Context::new(), Look).await.unwrap_err();
    assert!(error.to_string().contains("outside of a process"), "{error}");
    assert!(store.journal().is_empty());
}

#[tokio::test]
async fn the_unit_of_work_of_another_store_is_refused() {
    let (store, other) = (MemoryStore::new(), MemoryStore::new());
    let core = core_over(&store, other.provider());
    let error = core.dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap_err();
    assert!(error.to_string().contains("clones of one store"), "{error}");
    assert!(store.is_empty() && other.is_empty());
}

/// A unit of work that stands before another one.
struct Counting(Box<dyn UnitOfWork>);

struct CountingProvider(MemoryStore);

impl UnitOfWorkProvider for CountingProvider {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async {
            // Two of them, one before the other.
            let counting = Counting(self.0.begin().await?);
            Ok(Box::new(Counting(Box::new(counting))) as Box<dyn UnitOfWork>)
        })
    }
}

impl UnitOfWork for Counting {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.0.commit()
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.0.rollback()
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
async fn an_adapter_finds_its_unit_of_work_behind_those_that_stand_before_it() {
    let store = MemoryStore::new();
    let core = core_over(&store, Arc::new(CountingProvider(store.clone())));
    core.dispatch(&Context::new(), OrderProcess { fails: false }).await.unwrap();
    assert_eq!(store.keys(), ["bill", "bill sent", "order"]);
}
