//! Savepoints that the store refuses to open, to give up or to go back to.

use dullahan_core::{After, Context, DefaultAction, Error, ErrorKind, Result};

use super::{CreateUserProcess, ImportProcess, Inside, wire};
use crate::support::{Log, StoreCall, put, store_builder};

#[tokio::test]
async fn a_savepoint_that_the_store_refuses_fails_the_nested_process_alone() {
    for (call, kept) in [
        (StoreCall::Savepoint, vec!["import", "import again"]),
        (StoreCall::ReleaseSavepoint, vec!["import", "import again"]),
    ] {
        let log = Log::new();
        let (core, store) = wire(&log, (Inside::SavepointAndSwallow, Inside::Dispatch), &[]);
        store.fail_next(call);

        core.dispatch(&Context::new(), ImportProcess).await.unwrap();

        assert_eq!(store.keys(), kept, "{call:?}");
        assert!(log.entries().contains(&"create: failed, unavailable".to_owned()), "{call:?}");
        assert!(!log.entries().contains(&"create committed".to_owned()), "{call:?}");
    }
}

#[tokio::test]
async fn a_savepoint_that_cannot_be_rolled_back_to_never_commits_half_a_process() {
    let log = Log::new();
    let (core, store) = wire(&log, (Inside::SavepointAndSwallow, Inside::Dispatch), &["create"]);
    store.fail_next(StoreCall::RollbackToSavepoint);

    core.dispatch(&Context::new(), ImportProcess).await.unwrap();

    assert_eq!(store.keys(), ["import", "import again"], "it is tried again before the next call");

    let log = Log::new();
    let (core, store) = wire(&log, (Inside::SavepointAndSwallow, Inside::Dispatch), &["create"]);
    for _ in 0..4 {
        store.fail_next(StoreCall::RollbackToSavepoint);
    }

    core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    assert!(store.keys().is_empty());
    assert_eq!(log.entries().last().unwrap(), "import rolled back: unavailable");
}

#[tokio::test]
async fn a_savepoint_that_cannot_be_rolled_back_to_is_undone_with_everything_at_the_commit() {
    async fn import(mut ev: DefaultAction<'_, ImportProcess>) -> Result<u32> {
        Ok(ev.dispatch_in_savepoint(CreateUserProcess).await.unwrap_or(0))
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<ImportProcess>().default(import).rolled_back(log.rolled_back("rolled back"));
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(|_: After<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict)));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::RollbackToSavepoint);
    store.fail_next(StoreCall::RollbackToSavepoint);

    let error = core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    assert_eq!(error.listener(), Some("the commit of the unit of work"));
    assert!(store.keys().is_empty());
    assert_eq!(
        log.entries(),
        [
            "begin",
            "savepoint 0",
            "put user",
            "rollback to 0 fails",
            "rollback to 0 fails",
            "rollback",
            "rolled back: unavailable",
        ],
        "it is over before anybody hears of it"
    );
}
