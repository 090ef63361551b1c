//! Observers inside of a process: what they dispatch may fail, and changes nothing.

use dullahan_core::{
    After, Context, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject, Observe, Process,
    Result, Saga,
};

use crate::support::{Log, MemoryStore, Watch, panic_with, put, store_builder};

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct IndexUser;

#[derive(Process)]
#[event(output = u32, preventable)]
struct GrantRoleProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CountProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct AuditProcess;

#[derive(Saga)]
#[event(output = u32)]
struct AuditSaga;

async fn create(
    mut ev: DefaultAction<'_, CreateUserProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    ev.dispatch(IndexUser).await?;
    ev.dispatch(GrantRoleProcess).await?;
    store.put(ev.context(), "user", "7").await?;
    Ok(7)
}

async fn count(mut ev: Observe<'_, IndexUser>) -> Result<()> {
    ev.dispatch(CountProcess).await.map(drop)
}

async fn audit(mut ev: Observe<'_, GrantRoleProcess>) -> Result<()> {
    ev.run(AuditSaga).await.map(drop)
}

async fn audit_in_a_process(mut ev: DefaultAction<'_, AuditSaga>) -> Result<u32> {
    ev.dispatch(AuditProcess).await
}

/// Create > index, grant; who observes the index counts in a process, who observes the grant audits in a saga.
fn wire(log: &Log) -> (CoreBuilder, MemoryStore) {
    let (mut core, store) = store_builder(log);
    core.declare::<CreateUserProcess>().default(create).observe(log.observe("create"));
    core.declare::<IndexUser>().default(put("index")).observe(count).observe(log.observe("index"));
    core.declare::<GrantRoleProcess>().default(put("role")).observe(audit);
    core.declare::<CountProcess>()
        .default(put("count"))
        .committed(log.committed("count committed"))
        .rolled_back(log.rolled_back("count rolled back"));
    core.declare::<AuditSaga>().default(audit_in_a_process);
    core.declare::<AuditProcess>().default(put("audit"));
    (core, store)
}

#[tokio::test]
async fn what_an_observer_dispatches_is_committed_with_the_process_around_it() {
    let log = Log::new();
    let (core, store) = wire(&log);
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 7);

    assert_eq!(store.keys(), ["audit", "count", "index", "role", "user"]);
    assert_eq!(
        log.entries(),
        [
            "begin",
            "put index",
            "savepoint 0",
            "put count",
            "release 0",
            "index: completed",
            "put role",
            "savepoint 0",
            "put audit",
            "release 0",
            "put user",
            "commit",
            "create: completed",
            "count committed",
        ]
    );
}

#[tokio::test]
async fn a_process_that_an_observer_dispatches_fails_alone() {
    let log = Log::new();
    let (mut core, store) = wire(&log);
    core.event::<CountProcess>()
        .after(|_: After<'_, CountProcess>| Err(Error::new(ErrorKind::Conflict)));
    core.event::<AuditProcess>().after(|_: After<'_, AuditProcess>| panic_with("no audit"));
    let core = core.build().unwrap();
    let watch = Watch::failures();
    let _guard = watch.listen();

    assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 7);

    assert_eq!(store.keys(), ["index", "role", "user"], "and nothing of what failed");
    assert_eq!(
        log.entries(),
        [
            "begin",
            "put index",
            "savepoint 0",
            "put count",
            "rollback to 0",
            "index: completed",
            "put role",
            "savepoint 0",
            "put audit",
            "rollback to 0",
            "put user",
            "commit",
            "create: completed",
            "count rolled back: conflict",
        ]
    );
    assert_eq!(watch.reports().len(), 2, "each observer's failure once: {:?}", watch.reports());
}

#[tokio::test]
async fn what_is_nested_in_a_process_of_an_observer_joins_it() {
    async fn audit(mut ev: After<'_, CountProcess>, log: Inject<'_, Log>) -> Result<()> {
        let swallowed = ev.dispatch(AuditProcess).await.unwrap_err();
        log.add(format!("swallowed {}", swallowed.code()));
        Ok(())
    }

    let log = Log::new();
    let (mut core, store) = wire(&log);
    core.event::<CountProcess>().after(audit);
    core.event::<AuditProcess>()
        .before(|_: dullahan_core::Before<'_, AuditProcess>| Err(Error::new(ErrorKind::Conflict)));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 7);

    assert_eq!(store.keys(), ["index", "role", "user"], "a swallowed error dooms the count alone");
    let log = log.entries();
    let first = log.iter().position(|entry| entry == "swallowed conflict").unwrap();
    assert_eq!(log[first + 1], "rollback to 0");
    assert_eq!(log.last().unwrap(), "count rolled back: internal");
    assert_eq!(log.iter().filter(|entry| entry.starts_with("savepoint")).count(), 1);
}

#[tokio::test]
async fn after_the_commit_an_observer_has_units_of_work_of_its_own() {
    async fn count(mut ev: Observe<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(CountProcess).await.map(drop)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>().default(put("user")).observe(count);
    core.declare::<CountProcess>().default(put("count"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(log.entries(), ["begin", "put user", "commit", "begin", "put count", "commit"]);
    assert_eq!(store.keys(), ["count", "user"]);
}
