//! The unit of work of a process.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Committed, Context, Core, CoreBuilder, Defect, Error, Event, Fault, Listener,
    Observe, Perform, Process, Result, RolledBack, Saga, Service, Wrap,
};

use crate::support::{Log, MemoryStore, StoreCall, panic_with};

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

/// A builder with a memory store for units of work, and the store itself as a service.
fn builder(log: &Log) -> (CoreBuilder, MemoryStore) {
    let store = MemoryStore::new(log);
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    core.provide(Arc::new(store.clone())).provide(Arc::new(log.clone()));
    (core, store)
}

/// Writes one key, and gives 7 where an output is asked for.
struct Put(&'static str, Arc<MemoryStore>);

impl<E: Event> Listener<Before<'_, E>> for Put {
    async fn call(&self, ev: Before<'_, E>) -> Result<()> {
        self.1.put(ev.context(), self.0, "1").await
    }
}

impl<E: Event<Output = u32>> Listener<Perform<'_, E>> for Put {
    async fn call(&self, ev: Perform<'_, E>) -> Result<u32> {
        self.1.put(ev.context(), self.0, "1").await?;
        Ok(7)
    }
}

impl<E: Event> Listener<After<'_, E>> for Put {
    async fn call(&self, ev: After<'_, E>) -> Result<()> {
        self.1.put(ev.context(), self.0, "1").await
    }
}

/// A constructor of [`Put`], as a listener to register.
fn put(key: &'static str) -> impl FnOnce(Arc<MemoryStore>) -> Put + 'static {
    move |store| Put(key, store)
}

async fn create_in_a_saga(mut ev: Perform<'_, RegisterSaga>) -> Result<u32> {
    ev.dispatch(CreateUserProcess).await
}

#[tokio::test]
async fn commits_once_after_the_after_listeners() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>()
        .before(0, put("before"))
        .default(put("default"))
        .after(1, put("after"))
        .after(0, log.after("after"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    assert_eq!(core.run_process(CreateUserProcess).await.unwrap(), 7);

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
        ev: Perform<'_, CreateUserProcess>,
        store: Service<'_, MemoryStore>,
        log: Service<'_, Log>,
    ) -> Result<u32> {
        log.add("default");
        assert_eq!(store.get(ev.context(), "nobody").await?, None);
        log.add("has read");
        Ok(7)
    }

    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.declare::<CreateUserProcess>().before(0, log.before("before")).default(read);
    core.declare::<GrantRoleProcess>()
        .default(log.perform("granted", 1))
        .committed(log.committed("committed"));
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap();
    assert_eq!(log.take(), ["before", "default", "begin", "has read", "commit"]);

    core.run_process(GrantRoleProcess).await.unwrap();
    assert_eq!(log.take(), ["granted", "committed"], "what touches no repository begins nothing");
}

#[tokio::test]
async fn every_process_of_a_saga_has_its_own() {
    async fn register(mut ev: Perform<'_, RegisterSaga>) -> Result<u32> {
        ev.dispatch(CreateUserProcess).await?;
        ev.dispatch(GrantRoleProcess).await
    }

    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<RegisterSaga>().default(register);
    core.declare::<CreateUserProcess>().default(put("user"));
    core.declare::<GrantRoleProcess>()
        .default(put("role"))
        .after(0, |_: After<'_, GrantRoleProcess>| Err(Error::new(Fault::Forbidden)));
    let core = core.build().unwrap();

    let error = core.run(RegisterSaga).await.unwrap_err();

    assert_eq!(error.fault(), Fault::Forbidden);
    assert_eq!(log.entries(), ["begin", "put user", "commit", "begin", "put role", "rollback"]);
    assert_eq!(store.keys(), ["user"]);
}

/// How a step goes wrong.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Error,
    Panic,
    Rejection,
}

/// A step that writes and, at its turn, goes wrong.
struct Step {
    number: usize,
    fails: Option<(usize, Wrong)>,
    store: MemoryStore,
}

impl Step {
    async fn take(&self, context: &Context) -> Result<u32> {
        self.store.put(context, format!("step {}", self.number), "done").await?;
        match self.fails {
            Some((number, Wrong::Error)) if number == self.number => {
                Err(Error::new(Fault::Conflict))
            }
            Some((number, Wrong::Panic)) if number == self.number => panic_with("at its turn"),
            _ => Ok(7),
        }
    }
}

impl<E: Event> Listener<Before<'_, E>> for Step {
    async fn call(&self, mut ev: Before<'_, E>) -> Result<()> {
        if let Some((number, Wrong::Rejection)) = self.fails
            && number == self.number
        {
            ev.reject(dullahan_core::Violation::new("/name", "taken"));
        }
        self.take(ev.context()).await.map(drop)
    }
}

impl<E: Event<Output = u32>> Listener<Wrap<'_, E>> for Step {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<u32> {
        self.take(ev.context()).await?;
        ev.next().await
    }
}

impl<E: Event> Listener<After<'_, E>> for Step {
    async fn call(&self, ev: After<'_, E>) -> Result<()> {
        self.take(ev.context()).await.map(drop)
    }
}

/// The default action of the outer process: a step, and then an event and a process inside of it.
struct CreateInSteps(Step);

impl Listener<Perform<'_, CreateUserProcess>> for CreateInSteps {
    async fn call(&self, mut ev: Perform<'_, CreateUserProcess>) -> Result<u32> {
        self.0.take(ev.context()).await?;
        ev.dispatch(IndexUser).await?;
        ev.dispatch(GrantRoleProcess).await
    }
}

struct PlainStep(Step);

impl<E: Event<Output = u32>> Listener<Perform<'_, E>> for PlainStep {
    async fn call(&self, ev: Perform<'_, E>) -> Result<u32> {
        self.0.take(ev.context()).await
    }
}

const STEPS: usize = 13;

/// A saga with a process in which an event and a process are nested; every listener is a step that may fail.
fn wire_steps(log: &Log, fails: Option<(usize, Wrong)>) -> (Core, MemoryStore) {
    let (mut core, store) = builder(log);
    let step = |number| Step { number, fails, store: store.clone() };
    core.declare::<RegisterSaga>().default(create_in_a_saga);
    core.declare::<CreateUserProcess>()
        .before(1, step(0))
        .named("0")
        .before(0, step(1))
        .named("1")
        .wrap(0, step(2))
        .default(CreateInSteps(step(3)))
        .after(1, step(11))
        .named("11")
        .after(0, step(12))
        .named("12")
        .rolled_back(log.rolled_back("rolled back"));
    core.declare::<IndexUser>()
        .before(0, step(4))
        .wrap(0, step(5))
        .default(PlainStep(step(6)))
        .after(0, step(7));
    core.declare::<GrantRoleProcess>()
        .before(0, step(8))
        .default(PlainStep(step(9)))
        .after(0, step(10));
    (core.build().unwrap(), store)
}

#[tokio::test]
async fn rolls_back_at_each_failing_step() {
    for number in 0..STEPS {
        for wrong in [Wrong::Error, Wrong::Panic] {
            let log = Log::new();
            let (core, store) = wire_steps(&log, Some((number, wrong)));

            let error = core.run(RegisterSaga).await.unwrap_err();

            let (fault, code) = match wrong {
                Wrong::Panic => (Fault::Internal, "internal"),
                _ => (Fault::Conflict, "conflict"),
            };
            assert_eq!(error.fault(), fault, "step {number}");
            assert!(store.keys().is_empty(), "step {number}: nothing is left of it");
            let entries = log.entries();
            let mut expected = vec!["begin".to_owned()];
            expected.extend((0..=number).map(|step| format!("put step {step}")));
            expected.extend(["rollback".to_owned(), format!("rolled back: {code}")]);
            assert_eq!(entries, expected, "step {number}");
        }
    }

    let log = Log::new();
    let (core, store) = wire_steps(&log, None);
    assert_eq!(core.run(RegisterSaga).await.unwrap(), 7);
    assert_eq!(store.keys().len(), STEPS, "without a failure every step is stored");
}

#[tokio::test]
async fn a_rejection_rolls_back_as_well() {
    for (number, last_step) in [(0, 1), (1, 1), (4, 4), (8, 8)] {
        let log = Log::new();
        let (core, store) = wire_steps(&log, Some((number, Wrong::Rejection)));

        let error = core.run(RegisterSaga).await.unwrap_err();

        assert_eq!((error.fault(), error.violations().len()), (Fault::Invalid, 1));
        assert!(store.keys().is_empty());
        assert_eq!(
            log.entries()[last_step + 1..],
            [&format!("put step {last_step}"), "rollback", "rolled back: invalid"]
        );
    }
}

#[tokio::test]
async fn committed_runs_only_on_commit() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    let seen = log.clone();
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .committed(move |ev: Committed<'_, CreateUserProcess>| {
            seen.add(format!("committed {} as {}", store.keys().join(", "), ev.output()));
            Ok(())
        })
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap();

    assert_eq!(log.entries(), ["begin", "put user", "commit", "committed user as 7"]);
}

#[tokio::test]
async fn rolled_back_only_on_rollback() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    let seen = log.clone();
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(0, |_: After<'_, CreateUserProcess>| Err(Error::new(Fault::Conflict)))
        .committed(log.committed("committed"))
        .rolled_back(move |ev: RolledBack<'_, CreateUserProcess>| {
            assert!(store.keys().is_empty());
            seen.add(format!("rolled back: {}", ev.error().code()));
            Ok(())
        });
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap_err();

    assert_eq!(log.entries(), ["begin", "put user", "rollback", "rolled back: conflict"]);
}

#[tokio::test]
async fn listeners_of_nested_events_wait_for_the_outermost_commit() {
    async fn create(mut ev: Perform<'_, CreateUserProcess>) -> Result<u32> {
        ev.dispatch(IndexUser).await?;
        ev.dispatch(GrantRoleProcess).await
    }

    async fn grant(mut ev: Perform<'_, GrantRoleProcess>) -> Result<u32> {
        ev.dispatch(IndexUser).await
    }

    let wire = |fails: bool| {
        let log = Log::new();
        let (mut core, _) = builder(&log);
        core.declare::<RegisterSaga>()
            .default(create_in_a_saga)
            .committed(log.committed("saga committed"))
            .rolled_back(log.rolled_back("saga rolled back"));
        core.declare::<CreateUserProcess>()
            .before(0, put("user"))
            .default(create)
            .after(0, move |_: After<'_, CreateUserProcess>| match fails {
                true => Err(Error::new(Fault::Conflict)),
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
    async fn create(mut ev: Perform<'_, CreateUserProcess>) -> Result<u32> {
        assert!(ev.dispatch(IndexUser).await.is_err());
        Ok(7)
    }

    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>().before(0, put("user")).default(create);
    core.declare::<IndexUser>()
        .default(put("index"))
        .after(0, |_: After<'_, IndexUser>| Err(Error::new(Fault::Unavailable)))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap();

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
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>().default(put("user")).after(0, grant);
    core.declare::<GrantRoleProcess>()
        .default(put("role"))
        .committed(log.committed("role committed"));
    core.declare::<IndexUser>().default(put("index")).committed(log.committed("index committed"));
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap();

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
    async fn register(mut ev: Perform<'_, RegisterSaga>, log: Service<'_, Log>) -> Result<u32> {
        let index = ev.dispatch(IndexUser).await;
        log.add("the saga goes on");
        index
    }

    let wire = |fails: bool| {
        let log = Log::new();
        let (mut core, _) = builder(&log);
        core.declare::<RegisterSaga>().default(register);
        core.declare::<IndexUser>()
            .default(log.perform("index", 7))
            .after(0, move |_: After<'_, IndexUser>| match fails {
                true => Err(Error::new(Fault::Conflict)),
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
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(0, log.after("after"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Commit);

    let error = core.run_process(CreateUserProcess).await.unwrap_err();

    assert_eq!(error.fault(), Fault::Unavailable);
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

    core.run_process(CreateUserProcess).await.unwrap();
    assert_eq!(store.keys(), ["user"], "the next one is not affected");
}

#[tokio::test]
async fn a_unit_of_work_that_cannot_begin_fails_the_process() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .named("create")
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Begin);

    let error = core.run_process(CreateUserProcess).await.unwrap_err();

    assert_eq!((error.fault(), error.listener()), (Fault::Unavailable, Some("create")));
    assert_eq!(log.entries(), ["begin fails", "rolled back: unavailable"]);
}

#[tokio::test]
async fn a_rollback_that_is_not_confirmed_does_not_hide_why() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(0, |_: After<'_, CreateUserProcess>| Err(Error::new(Fault::Conflict)))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Rollback);

    let error = core.run_process(CreateUserProcess).await.unwrap_err();

    assert_eq!(error.fault(), Fault::Conflict);
    assert!(store.keys().is_empty());
    assert_eq!(log.entries(), ["begin", "put user", "rollback fails", "rolled back: conflict"]);
}

#[tokio::test]
async fn nested_process_joins() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<RegisterSaga>().default(create_in_a_saga);
    core.declare::<CreateUserProcess>()
        .before(0, put("user"))
        .default(async |mut ev: Perform<'_, CreateUserProcess>| ev.dispatch(GrantRoleProcess).await)
        .after(0, log.after("create goes on"));
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
async fn swallowing_the_error_of_a_joined_process_dooms_the_commit() {
    async fn create(mut ev: Perform<'_, CreateUserProcess>, log: Service<'_, Log>) -> Result<u32> {
        let error = ev.dispatch(GrantRoleProcess).await.unwrap_err();
        log.add(format!("swallowed {}", error.code()));
        Ok(7)
    }

    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>()
        .before(0, put("user"))
        .default(create)
        .after(0, log.after("after"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    core.declare::<GrantRoleProcess>()
        .default(put("role"))
        .after(0, |_: After<'_, GrantRoleProcess>| Err(Error::new(Fault::Forbidden)))
        .rolled_back(log.rolled_back("grant rolled back"));
    let core = core.build().unwrap();

    let error = core.run_process(CreateUserProcess).await.unwrap_err();

    assert_eq!(error.fault(), Fault::Internal);
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
async fn what_follows_a_commit_has_a_unit_of_work_of_its_own() {
    async fn grant(mut ev: Committed<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(GrantRoleProcess).await?;
        Err(Error::new(Fault::Conflict))
    }

    async fn grant_again(mut ev: Observe<'_, GrantRoleProcess>) -> Result<()> {
        ev.dispatch(IndexUser).await?;
        Ok(())
    }

    async fn count(ev: Perform<'_, IndexUser>, store: Service<'_, MemoryStore>) -> Result<u32> {
        assert!(store.get(ev.context(), "role").await?.is_some(), "it is committed already");
        assert!(store.put(ev.context(), "index", "1").await.is_err(), "it is no process");
        Ok(0)
    }

    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>().default(put("user")).committed(grant);
    core.declare::<GrantRoleProcess>().default(put("role")).observe(grant_again);
    core.declare::<IndexUser>().default(count).observe(log.observe("index"));
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap();

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
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .after(0, |_: After<'_, CreateUserProcess>| Err(Error::new(Fault::Conflict)))
        .rolled_back(note_it);
    core.declare::<GrantRoleProcess>().default(put("failed attempt"));
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap_err();

    assert_eq!(store.keys(), ["failed attempt"]);
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
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>().default(put("user")).wrap(0, retry);
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Put);

    core.run_process(CreateUserProcess).await.unwrap();

    assert_eq!(log.entries(), ["begin", "put user fails", "put user", "commit"]);
    assert_eq!(store.keys(), ["user"]);
}

#[tokio::test]
async fn a_saga_inside_of_a_process_works_in_its_unit_of_work() {
    async fn create(mut ev: Perform<'_, CreateUserProcess>) -> Result<u32> {
        ev.run(RegisterSaga).await
    }

    async fn register(mut ev: Perform<'_, RegisterSaga>) -> Result<u32> {
        ev.dispatch(GrantRoleProcess).await
    }

    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>()
        .before(0, put("user"))
        .default(create)
        .after(0, |_: After<'_, CreateUserProcess>| Err(Error::new(Fault::Conflict)));
    core.declare::<RegisterSaga>().default(register);
    core.declare::<GrantRoleProcess>().default(put("role"));
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap_err();

    assert_eq!(log.entries(), ["begin", "put user", "put role", "rollback"]);
    assert!(store.keys().is_empty());
}

#[tokio::test]
async fn a_write_outside_of_a_process_is_refused() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<IndexUser>().default(put("index"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), IndexUser).await.unwrap_err();

    assert_eq!(error.fault(), Fault::Internal);
    let text = error.to_string();
    assert!(text.contains("the memory store was asked to write outside of a process"), "{text}");
    assert!(text.contains("#[derive(Process)]"), "it says what to do: {text}");
    assert!(!error.message().contains("store"));
    assert!(store.keys().is_empty());
    assert!(log.entries().is_empty());
}

#[tokio::test]
async fn a_read_outside_of_a_process_sees_what_is_committed() {
    async fn read(ev: Perform<'_, IndexUser>, store: Service<'_, MemoryStore>) -> Result<u32> {
        Ok(store.get(ev.context(), "user").await?.map_or(0, |_| 1))
    }

    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.declare::<IndexUser>().default(read);
    core.declare::<CreateUserProcess>().default(put("user"));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), IndexUser).await.unwrap(), 0);
    core.run_process(CreateUserProcess).await.unwrap();
    assert_eq!(core.dispatch(&Context::new(), IndexUser).await.unwrap(), 1);
}

#[tokio::test]
async fn two_repositories_take_turns_in_one_unit_of_work() {
    async fn both(
        ev: Perform<'_, CreateUserProcess>,
        store: Service<'_, MemoryStore>,
    ) -> Result<u32> {
        let (one, two) =
            tokio::join!(store.put(ev.context(), "one", "1"), store.put(ev.context(), "two", "2"));
        one?;
        two?;
        Ok(7)
    }

    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<CreateUserProcess>().default(both);
    let core = core.build().unwrap();

    core.run_process(CreateUserProcess).await.unwrap();

    assert_eq!(log.entries(), ["begin", "put one", "put two", "commit"]);
    assert_eq!(store.keys(), ["one", "two"]);
}

#[tokio::test]
async fn another_adapters_unit_of_work_is_not_mistaken_for_ones_own() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.declare::<CreateUserProcess>().default(async |ev: Perform<'_, CreateUserProcess>| {
        let Some(mut guard) = ev.context().unit_of_work().await? else { return Ok(0) };
        assert!(guard.downcast_mut::<Foreign>().is_none());
        Ok(7)
    });
    let core = core.build().unwrap();

    assert_eq!(core.run_process(CreateUserProcess).await.unwrap(), 7);
}

/// A unit of work that nobody provides.
struct Foreign;

impl dullahan_core::UnitOfWork for Foreign {
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
