//! Stores that panic: what they do to a process is what an error of theirs does.

use dullahan_core::{After, Context, CoreBuilder, Error, ErrorKind, Inject, Process, Result};

use crate::support::{Log, MemoryStore, StoreCall, put, store_builder};

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct GrantRoleProcess;

fn wire(log: &Log) -> (CoreBuilder, MemoryStore) {
    let (mut core, store) = store_builder(log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .observe(log.observe("create"))
        .committed(log.committed("create committed"))
        .rolled_back(log.rolled_back("create rolled back"));
    (core, store)
}

#[tokio::test]
async fn a_commit_that_panics_is_the_outcome() {
    let log = Log::new();
    let (core, store) = wire(&log);
    let core = core.build().unwrap();
    store.panic_next(StoreCall::Commit);

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!((error.kind(), error.code()), (ErrorKind::Internal, "internal"));
    assert_eq!(error.listener(), Some("the commit of the unit of work"));
    assert!(store.keys().is_empty());
    assert_eq!(
        log.take(),
        [
            "begin",
            "put user",
            "commit panics",
            "rollback by drop",
            "create: failed, internal",
            "create rolled back: internal",
        ]
    );

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();
    assert_eq!(store.keys(), ["user"], "the next one is not affected");
}

#[tokio::test]
async fn a_rollback_that_panics_does_not_hide_why() {
    let log = Log::new();
    let (mut core, store) = wire(&log);
    core.event::<CreateUserProcess>()
        .after(|_: After<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict)));
    let core = core.build().unwrap();
    store.panic_next(StoreCall::Rollback);

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(store.keys().is_empty());
    assert_eq!(
        log.entries()[2..],
        [
            "rollback panics",
            "rollback by drop",
            "create: failed, conflict",
            "create rolled back: conflict",
        ]
    );
}

#[tokio::test]
async fn a_begin_that_panics_fails_the_process() {
    let log = Log::new();
    let (core, store) = wire(&log);
    let core = core.build().unwrap();
    store.panic_next(StoreCall::Begin);

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(
        log.entries(),
        ["begin panics", "create: failed, internal", "create rolled back: internal"]
    );
}

#[tokio::test]
async fn a_savepoint_that_panics_fails_the_nested_process_alone() {
    async fn grant(mut ev: After<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
        let error = ev.dispatch_in_savepoint(GrantRoleProcess).await.unwrap_err();
        log.add(format!("swallowed {}", error.code()));
        Ok(())
    }

    let cases: [(StoreCall, &[&str]); 2] = [
        (StoreCall::Savepoint, &["savepoint 0 panics"]),
        (
            StoreCall::ReleaseSavepoint,
            &["savepoint 0", "put role", "release 0 panics", "rollback to 0"],
        ),
    ];
    for (call, expected) in cases {
        let log = Log::new();
        let (mut core, store) = wire(&log);
        core.event::<CreateUserProcess>().after(grant);
        core.declare::<GrantRoleProcess>()
            .default(put("role"))
            .rolled_back(log.rolled_back("grant rolled back"));
        let core = core.build().unwrap();
        store.panic_next(call);

        assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 7);

        let begin = ["begin", "put user"];
        let end = [
            "swallowed internal",
            "commit",
            "create: completed",
            "grant rolled back: internal",
            "create committed",
        ];
        assert_eq!(log.entries(), [&begin, expected, &end].concat(), "{call:?}");
        assert_eq!(store.keys(), ["user"]);
    }
}
