//! Processes that say no before they have done anything.

use std::sync::Arc;

use dullahan_core::{
    Before, Context, CoreBuilder, DefaultAction, Error, ErrorKind, Inject, ListenerOptions as _,
    Process, Result,
};

use crate::support::{Log, MemoryStore, put, store_builder};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{left} left")]
struct Overdrawn {
    left: u32,
}

/// Says no, after a listener of an application has written or has not.
#[derive(Process)]
#[event(preventable)]
struct WithdrawProcess;

/// Withdraws, and takes a no for an answer or does not.
#[derive(Process)]
struct PayProcess {
    takes_no: bool,
}

/// Pays after it has written.
#[derive(Process)]
struct ShopProcess;

fn overdrawn() -> Error {
    Error::rejection(ErrorKind::Conflict, Overdrawn { left: 3 }).with_code("overdrawn")
}

async fn pay(mut ev: DefaultAction<'_, PayProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "before", "").await?;
    match ev.dispatch(WithdrawProcess).await {
        Err(error) if ev.takes_no => {
            assert_eq!(error.downcast_ref(), Some(&Overdrawn { left: 3 }));
            store.put(ev.context(), "unpaid", "").await
        }
        result => result,
    }
}

async fn shop(
    mut ev: DefaultAction<'_, ShopProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), "order", "").await?;
    // Takes any error for an answer, also that of a process that had done something.
    let _ = ev.dispatch(PayProcess { takes_no: false }).await;
    Ok(())
}

fn paying(change: impl FnOnce(&mut CoreBuilder)) -> (dullahan_core::Core, MemoryStore) {
    let (mut core, store) = store_builder(&Log::new());
    core.declare::<WithdrawProcess>()
        .default(|_: DefaultAction<'_, WithdrawProcess>| Err(overdrawn()));
    core.declare::<PayProcess>().default(pay);
    core.declare::<ShopProcess>().default(shop);
    change(&mut core);
    (core.build().unwrap(), store)
}

#[tokio::test]
async fn a_rejection_that_is_taken_for_an_answer_does_not_doom_the_process_around_it() {
    let (core, store) = paying(|_| ());
    core.dispatch(&Context::new(), PayProcess { takes_no: true }).await.unwrap();
    assert_eq!(store.keys(), ["before", "unpaid"]);
}

#[tokio::test]
async fn a_rejection_that_is_passed_on_rolls_back_and_keeps_its_type() {
    let (core, store) = paying(|_| ());
    let error = core.dispatch(&Context::new(), PayProcess { takes_no: false }).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "overdrawn"));
    assert_eq!(error.downcast_ref(), Some(&Overdrawn { left: 3 }));
    assert!(error.is_rejection());
    assert!(store.keys().is_empty());
}

#[tokio::test]
async fn a_rejection_says_nothing_of_the_process_that_passes_it_on() {
    let (core, store) = paying(|_| ());
    let error = core.dispatch(&Context::new(), ShopProcess).await.unwrap_err();
    assert!(error.to_string().contains("PayProcess"), "it had written: {error}");
    assert!(store.keys().is_empty());
}

#[tokio::test]
async fn any_other_error_dooms_the_process_around_it_though_it_is_swallowed() {
    let (core, store) = paying(|core| {
        core.event::<WithdrawProcess>().before(
            (|_: Before<'_, WithdrawProcess>| -> Result<()> {
                Err(Error::new(ErrorKind::Conflict))
            })
            .priority(1),
        );
    });
    core.dispatch(&Context::new(), ShopProcess).await.unwrap_err();
    assert!(store.keys().is_empty());
}

#[tokio::test]
async fn a_listener_vetoes_by_a_rejection_and_the_process_around_goes_on() {
    let (core, store) = paying(|core| {
        let veto = |_: Before<'_, WithdrawProcess>| -> Result<()> { Err(overdrawn()) };
        core.event::<WithdrawProcess>().before(veto.named("veto"));
    });
    core.dispatch(&Context::new(), PayProcess { takes_no: true }).await.unwrap();
    assert_eq!(store.keys(), ["before", "unpaid"]);
}

#[tokio::test]
async fn a_rejection_in_a_savepoint_undoes_it() {
    #[derive(Process)]
    struct ImportProcess;

    async fn import(mut ev: DefaultAction<'_, ImportProcess>) -> Result<()> {
        let error = ev.dispatch_in_savepoint(WithdrawProcess).await.unwrap_err();
        assert!(error.is_rejection());
        Ok(())
    }

    let (core, store) = paying(|core| {
        core.event::<WithdrawProcess>().before(put("undone"));
        core.declare::<ImportProcess>().default(import).after(put("imported"));
    });
    core.dispatch(&Context::new(), ImportProcess).await.unwrap();
    assert_eq!(store.keys(), ["imported"]);
}

#[test]
fn a_rejection_is_found_among_the_causes_of_an_error() {
    #[derive(Debug, thiserror::Error)]
    #[error("paying failed")]
    struct Paying(#[source] Overdrawn);

    let error = Error::internal(Paying(Overdrawn { left: 2 }));
    assert_eq!(error.downcast_ref(), Some(&Overdrawn { left: 2 }));
    assert!(error.downcast_ref::<std::io::Error>().is_none());
    assert!(!error.is_rejection());
    let shared = Arc::new(error.clone());
    assert!(shared.downcast_ref::<Paying>().is_some());
}

#[tokio::test]
async fn what_follows_a_rejection_that_is_taken_for_an_answer_is_neither_a_commit_nor_a_rollback() {
    let log = Log::new();
    let told = log.clone();
    let (core, _store) = paying(|core| {
        core.event::<WithdrawProcess>()
            .observe(told.observe("observe"))
            .rolled_back(told.rolled_back("rolled back"));
        core.event::<PayProcess>().rolled_back(told.rolled_back("outer rolled back"));
    });
    core.dispatch(&Context::new(), PayProcess { takes_no: true }).await.unwrap();
    assert_eq!(log.entries().len(), 1, "the observer alone: {:?}", log.entries());
    core.dispatch(&Context::new(), PayProcess { takes_no: false }).await.unwrap_err();
    let later = &log.entries()[1..];
    assert_eq!(later.len(), 3, "the observer, and both are rolled back: {later:?}");
}
