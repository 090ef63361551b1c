//! The unit of work of a process.

use dullahan_core::{
    After, Committed, Context, Core, DefaultAction, Error, ErrorKind, Event, Inject,
    ListenerOptions as _, Process, Result, RolledBack, Saga, defect::Defect,
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
async fn commits_once_after_the_after_listeners() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .before(put("before"))
        .default(put("default"))
        .after(put("after").priority(1))
        .after(log.after("after"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 7);

    assert_eq!(
        log.entries(),
        [
            "begin",
            "put before",
            "put default",
            "put after",
            "after",
            "commit",
            "observe: completed",
            "committed",
        ]
    );
    assert_eq!(store.keys(), ["after", "before", "default"]);
}

#[tokio::test]
async fn begins_at_the_first_repository_call_and_not_before() {
    async fn read(
        ev: DefaultAction<'_, CreateUserProcess>,
        store: Inject<'_, MemoryStore>,
        log: Inject<'_, Log>,
    ) -> Result<u32> {
        log.add("default");
        assert_eq!(store.get(ev.context(), "nobody").await?, None);
        log.add("has read");
        Ok(7)
    }

    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    core.declare::<CreateUserProcess>().before(log.before("before")).default(read);
    core.declare::<GrantRoleProcess>()
        .default(log.perform("granted", 1))
        .committed(log.committed("committed"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();
    assert_eq!(log.take(), ["before", "default", "begin", "has read", "commit"]);

    core.dispatch(&Context::new(), GrantRoleProcess).await.unwrap();
    assert_eq!(log.take(), ["granted", "committed"], "what touches no repository begins nothing");
}

#[tokio::test]
async fn every_process_of_a_saga_has_its_own() {
    async fn register(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
        ev.dispatch(CreateUserProcess).await?;
        ev.dispatch(GrantRoleProcess).await
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<RegisterSaga>().default(register);
    core.declare::<CreateUserProcess>().default(put("user"));
    core.declare::<GrantRoleProcess>()
        .default(put("role"))
        .after(|_: After<'_, GrantRoleProcess>| Err(Error::new(ErrorKind::Forbidden)));
    let core = core.build().unwrap();

    let error = core.run(RegisterSaga).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(log.entries(), ["begin", "put user", "commit", "begin", "put role", "rollback"]);
    assert_eq!(store.keys(), ["user"]);
}

#[tokio::test]
async fn committed_runs_only_on_commit() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    let seen = log.clone();
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .committed(move |ev: Committed<'_, CreateUserProcess>| {
            seen.add(format!("committed {} as {}", store.keys().join(", "), ev.output()));
            Ok(())
        })
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(log.entries(), ["begin", "put user", "commit", "committed user as 7"]);
}

#[tokio::test]
async fn rolled_back_only_on_rollback() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    let seen = log.clone();
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(|_: After<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict)))
        .committed(log.committed("committed"))
        .rolled_back(move |ev: RolledBack<'_, CreateUserProcess>| {
            assert!(store.keys().is_empty());
            seen.add(format!("rolled back: {}", ev.error().code()));
            Ok(())
        });
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(log.entries(), ["begin", "put user", "rollback", "rolled back: conflict"]);
}

#[test]
fn no_unit_of_work_provider_is_a_build_error_for_processes_that_need_one() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CreateUserProcess>().default(log.perform("default", 7));
    let line = line!() - 1;

    let error = core.build().unwrap_err();

    let [Defect::NoUnitOfWork { process, place, .. }] = error.defects() else { panic!("{error}") };
    assert_eq!((*process, place.line), ("CreateUserProcess", line));
    assert!(error.to_string().contains("add `.units_of_work(..)`"), "{error}");

    let mut core = Core::builder();
    core.declare::<IndexUser>().default(log.perform("index", 7));
    core.declare::<RegisterSaga>().default(create_in_a_saga);
    assert!(core.build().is_ok(), "events and sagas need none");
}

#[tokio::test]
async fn committed_listeners_of_a_plain_event_run_right_after_it() {
    async fn register(
        mut ev: DefaultAction<'_, RegisterSaga>,
        log: Inject<'_, Log>,
    ) -> Result<u32> {
        let index = ev.dispatch(IndexUser).await;
        log.add("the saga goes on");
        index
    }

    let wire = |fails: bool| {
        let log = Log::new();
        let (mut core, _) = store_builder(&log);
        core.declare::<RegisterSaga>().default(register);
        core.declare::<IndexUser>()
            .default(log.perform("index", 7))
            .after(move |_: After<'_, IndexUser>| match fails {
                true => Err(Error::new(ErrorKind::Conflict)),
                false => Ok(()),
            })
            .observe(log.observe("observe"))
            .committed(log.committed("committed"))
            .rolled_back(log.rolled_back("rolled back"));
        (core.build().unwrap(), log)
    };

    let (core, log) = wire(false);
    core.run(RegisterSaga).await.unwrap();
    assert_eq!(log.entries(), ["index", "observe: completed", "committed", "the saga goes on"]);

    let (core, log) = wire(true);
    core.run(RegisterSaga).await.unwrap_err();
    assert_eq!(
        log.entries(),
        ["index", "observe: failed, conflict", "rolled back: conflict", "the saga goes on"]
    );
}

#[tokio::test]
async fn commit_failure_is_the_outcome() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(log.after("after"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Commit);

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.listener(), Some("the commit of the unit of work"));
    assert_eq!(error.chain(), ["CreateUserProcess"]);
    assert!(store.keys().is_empty());
    assert_eq!(
        log.take(),
        [
            "begin",
            "put user",
            "after",
            "commit fails",
            "observe: failed, unavailable",
            "rolled back: unavailable",
        ]
    );

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();
    assert_eq!(store.keys(), ["user"], "the next one is not affected");
}

#[tokio::test]
async fn a_unit_of_work_that_cannot_begin_fails_the_process() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user").named("create"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Begin);

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!((error.kind(), error.listener()), (ErrorKind::Unavailable, Some("create")));
    assert_eq!(log.entries(), ["begin fails", "rolled back: unavailable"]);
}

#[tokio::test]
async fn a_rollback_that_is_not_confirmed_does_not_hide_why() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(|_: After<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict)))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Rollback);

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(store.keys().is_empty());
    assert_eq!(log.entries(), ["begin", "put user", "rollback fails", "rolled back: conflict"]);
}

#[tokio::test]
async fn a_write_outside_of_a_process_is_refused() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<IndexUser>().default(put("index"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), IndexUser).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Internal);
    let text = error.to_string();
    assert!(text.contains("the memory store was asked to write outside of a process"), "{text}");
    assert!(text.contains("#[derive(Process)]"), "it says what to do: {text}");
    assert!(!error.message().contains("store"));
    assert!(store.keys().is_empty());
    assert!(log.entries().is_empty());
}

#[tokio::test]
async fn a_read_outside_of_a_process_sees_what_is_committed() {
    async fn read(ev: DefaultAction<'_, IndexUser>, store: Inject<'_, MemoryStore>) -> Result<u32> {
        Ok(store.get(ev.context(), "user").await?.map_or(0, |_| 1))
    }

    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    core.declare::<IndexUser>().default(read);
    core.declare::<CreateUserProcess>().default(put("user"));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), IndexUser).await.unwrap(), 0);
    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();
    assert_eq!(core.dispatch(&Context::new(), IndexUser).await.unwrap(), 1);
}

#[tokio::test]
async fn two_repositories_take_turns_in_one_unit_of_work() {
    async fn both(
        ev: DefaultAction<'_, CreateUserProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        let (one, two) =
            tokio::join!(store.put(ev.context(), "one", "1"), store.put(ev.context(), "two", "2"));
        one?;
        two?;
        Ok(7)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>().default(both);
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(log.entries(), ["begin", "put one", "put two", "commit"]);
    assert_eq!(store.keys(), ["one", "two"]);
}

#[tokio::test]
async fn another_adapters_unit_of_work_is_not_mistaken_for_ones_own() {
    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    core.declare::<CreateUserProcess>().default(
        async |ev: DefaultAction<'_, CreateUserProcess>| {
            let Some(mut guard) = ev.context().unit_of_work().await? else { return Ok(0) };
            assert!(guard.downcast_mut::<Foreign>().is_none());
            Ok(7)
        },
    );
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 7);
}

/// A unit of work that nobody provides.
struct Foreign;

impl dullahan_core::unit_of_work::UnitOfWork for Foreign {
    fn commit(self: Box<Self>) -> dullahan_core::BoxFuture<'static, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn rollback(self: Box<Self>) -> dullahan_core::BoxFuture<'static, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn savepoint(&mut self, _: u32) -> dullahan_core::BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn release_savepoint(&mut self, _: u32) -> dullahan_core::BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn rollback_to_savepoint(&mut self, _: u32) -> dullahan_core::BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
