//! What is nested in a process, and what follows it.

mod bare_core;
mod fragile;

use dullahan_core::{
    After, Committed, Context, DefaultAction, Error, ErrorKind, Event, Inject, Observe, Process,
    Result, RolledBack, Saga, Wrap,
};

use crate::support::{Log, MemoryStore, StoreCall, put, store_builder};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterSaga;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct GrantRoleProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct IndexUser;

async fn create_in_a_saga(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
    ev.dispatch(CreateUserProcess).await
}

#[tokio::test]
async fn nested_process_joins() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<RegisterSaga>().default(create_in_a_saga);
    core.declare::<CreateUserProcess>()
        .before(put("user"))
        .default(async |mut ev: DefaultAction<'_, CreateUserProcess>| {
            ev.dispatch(GrantRoleProcess).await
        })
        .after(log.after("create goes on"));
    core.declare::<GrantRoleProcess>().default(put("role")).observe(log.observe("grant"));
    let core = core.build().unwrap();

    assert_eq!(core.run(RegisterSaga).await.unwrap(), 7);

    assert_eq!(
        log.entries(),
        ["begin", "put user", "put role", "grant: completed", "create goes on", "commit"],
        "one begin, one commit"
    );
    assert_eq!(store.keys(), ["role", "user"]);
}

#[tokio::test]
async fn listeners_of_nested_events_wait_for_the_outermost_commit() {
    async fn create(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        ev.dispatch(IndexUser).await?;
        ev.dispatch(GrantRoleProcess).await
    }

    async fn grant(mut ev: DefaultAction<'_, GrantRoleProcess>) -> Result<u32> {
        ev.dispatch(IndexUser).await
    }

    let wire = |fails: bool| {
        let log = Log::new();
        let (mut core, _) = store_builder(&log);
        core.declare::<RegisterSaga>()
            .default(create_in_a_saga)
            .committed(log.committed("saga committed"))
            .rolled_back(log.rolled_back("saga rolled back"));
        core.declare::<CreateUserProcess>()
            .before(put("user"))
            .default(create)
            .after(move |_: After<'_, CreateUserProcess>| match fails {
                true => Err(Error::new(ErrorKind::Conflict)),
                false => Ok(()),
            })
            .committed(log.committed("create committed"))
            .rolled_back(log.rolled_back("create rolled back"));
        core.declare::<GrantRoleProcess>()
            .default(grant)
            .committed(log.committed("grant committed"))
            .rolled_back(log.rolled_back("grant rolled back"));
        core.declare::<IndexUser>()
            .default(log.perform("index", 1))
            .committed(log.committed("index committed"))
            .rolled_back(log.rolled_back("index rolled back"));
        (core.build().unwrap(), log)
    };

    let (core, log) = wire(false);
    core.run(RegisterSaga).await.unwrap();
    assert_eq!(
        log.entries(),
        [
            "begin",
            "put user",
            "index",
            "index",
            "commit",
            "index committed",
            "index committed",
            "grant committed",
            "create committed",
            "saga committed",
        ],
        "in the order in which the events ended"
    );

    let (core, log) = wire(true);
    core.run(RegisterSaga).await.unwrap_err();
    assert_eq!(
        log.entries()[4..],
        [
            "rollback",
            "index rolled back: conflict",
            "index rolled back: conflict",
            "grant rolled back: conflict",
            "create rolled back: conflict",
            "saga rolled back: conflict",
        ]
    );
}

#[tokio::test]
async fn a_nested_event_that_failed_and_was_caught_is_neither_committed_nor_rolled_back() {
    async fn create(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        assert!(ev.dispatch(IndexUser).await.is_err());
        Ok(7)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>().before(put("user")).default(create);
    core.declare::<IndexUser>()
        .default(put("index"))
        .after(|_: After<'_, IndexUser>| Err(Error::new(ErrorKind::Unavailable)))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(log.entries(), ["begin", "put user", "put index", "commit"]);
    assert_eq!(store.keys(), ["index", "user"], "a plain event is no unit of its own");
}

#[tokio::test]
async fn event_raised_in_an_after_listener_is_part_of_the_same_commit() {
    async fn grant(mut ev: After<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(IndexUser).await?;
        ev.dispatch(GrantRoleProcess).await?;
        Ok(())
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>().default(put("user")).after(grant);
    core.declare::<GrantRoleProcess>()
        .default(put("role"))
        .committed(log.committed("role committed"));
    core.declare::<IndexUser>().default(put("index")).committed(log.committed("index committed"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "begin",
            "put user",
            "put index",
            "put role",
            "commit",
            "index committed",
            "role committed",
        ]
    );
    assert_eq!(store.keys(), ["index", "role", "user"]);
}

#[tokio::test]
async fn swallowing_the_error_of_a_joined_process_dooms_the_commit() {
    async fn create(
        mut ev: DefaultAction<'_, CreateUserProcess>,
        log: Inject<'_, Log>,
    ) -> Result<u32> {
        let error = ev.dispatch(GrantRoleProcess).await.unwrap_err();
        log.add(format!("swallowed {}", error.code()));
        Ok(7)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .before(put("user"))
        .default(create)
        .after(log.after("after"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    core.declare::<GrantRoleProcess>()
        .default(put("role"))
        .after(|_: After<'_, GrantRoleProcess>| Err(Error::new(ErrorKind::Forbidden)))
        .rolled_back(log.rolled_back("grant rolled back"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Internal);
    let text = error.to_string();
    assert!(text.contains("`GrantRoleProcess` failed inside of this unit of work"), "{text}");
    assert!(text.contains("dispatch_in_savepoint"), "it says what to do: {text}");
    assert!(store.keys().is_empty());
    assert_eq!(
        log.entries(),
        [
            "begin",
            "put user",
            "put role",
            "swallowed forbidden",
            "after",
            "rollback",
            "observe: failed, internal",
            "grant rolled back: internal",
            "rolled back: internal",
        ]
    );
}

#[tokio::test]
async fn a_retry_in_a_wrap_keeps_the_unit_of_work() {
    async fn retry(mut ev: Wrap<'_, CreateUserProcess>) -> Result<u32> {
        match ev.next().await {
            Ok(id) => Ok(id),
            Err(_) => ev.next().await,
        }
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>().default(put("user")).wrap(retry);
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Put);

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "begin",
            "savepoint 0",
            "put user fails",
            "rollback to 0",
            "savepoint 0",
            "put user",
            "release 0",
            "commit",
        ]
    );
    assert_eq!(store.keys(), ["user"]);
}

#[tokio::test]
async fn a_saga_inside_of_a_process_works_in_its_unit_of_work() {
    async fn create(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        ev.run(RegisterSaga).await
    }

    async fn register(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
        ev.dispatch(GrantRoleProcess).await
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .before(put("user"))
        .default(create)
        .after(|_: After<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict)));
    core.declare::<RegisterSaga>().default(register);
    core.declare::<GrantRoleProcess>().default(put("role"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(log.entries(), ["begin", "put user", "put role", "rollback"]);
    assert!(store.keys().is_empty());
}

#[tokio::test]
async fn what_follows_a_commit_has_a_unit_of_work_of_its_own() {
    async fn grant(mut ev: Committed<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(GrantRoleProcess).await?;
        Err(Error::new(ErrorKind::Conflict))
    }

    async fn grant_again(mut ev: Observe<'_, GrantRoleProcess>) -> Result<()> {
        ev.dispatch(IndexUser).await?;
        Ok(())
    }

    async fn count(
        ev: DefaultAction<'_, IndexUser>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        assert!(store.get(ev.context(), "role").await?.is_some(), "it is committed already");
        assert!(store.put(ev.context(), "index", "1").await.is_err(), "it is no process");
        Ok(0)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>().default(put("user")).committed(grant);
    core.declare::<GrantRoleProcess>().default(put("role")).observe(grant_again);
    core.declare::<IndexUser>().default(count).observe(log.observe("index"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(
        log.entries(),
        ["begin", "put user", "commit", "begin", "put role", "commit", "index: completed"]
    );
    assert_eq!(store.keys(), ["role", "user"]);
}

#[tokio::test]
async fn what_follows_a_rollback_may_store_something_too() {
    async fn note_it(mut ev: RolledBack<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(GrantRoleProcess).await.map(drop)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(|_: After<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict)))
        .rolled_back(note_it);
    core.declare::<GrantRoleProcess>().default(put("failed attempt"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(store.keys(), ["failed attempt"]);
}
