//! Processes that may fail alone inside of another one.

mod refused;
mod told;

use std::sync::Arc;

use dullahan_core::{
    Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Listener, Process, Result,
    Saga,
};

use crate::support::{Log, MemoryStore, put};

#[derive(Process)]
#[event(output = u32, preventable)]
struct ImportProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct GrantRoleProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct IndexUser;

/// What a default action does besides writing its own key.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    Dispatch,
    DispatchAndSwallow,
    Savepoint,
    SavepointAndSwallow,
}

/// Writes a key, dispatches the process inside of it, writes another key, and fails if it is to.
struct Act {
    key: &'static str,
    inside: Inside,
    fails: bool,
    log: Log,
    store: MemoryStore,
}

impl Act {
    async fn begin(&self, context: &Context) -> Result<()> {
        self.store.put(context, self.key, "1").await
    }

    fn swallow(&self, result: Result<u32>) -> Result<u32> {
        result.or_else(|error| {
            self.log.add(format!("{} swallows {}", self.key, error.code()));
            Ok(0)
        })
    }

    async fn end(&self, context: &Context) -> Result<u32> {
        if self.inside != Inside::Nothing {
            self.store.put(context, format!("{} again", self.key), "1").await?;
        }
        if self.fails { Err(Error::new(ErrorKind::Conflict)) } else { Ok(7) }
    }
}

macro_rules! acts {
    ($outer:ty, $inner:expr) => {
        impl Listener<DefaultAction<'_, $outer>> for Act {
            async fn call(&self, mut ev: DefaultAction<'_, $outer>) -> Result<u32> {
                self.begin(ev.context()).await?;
                match self.inside {
                    Inside::Nothing => 0,
                    Inside::Dispatch => ev.dispatch($inner).await?,
                    Inside::DispatchAndSwallow => self.swallow(ev.dispatch($inner).await)?,
                    Inside::Savepoint => ev.dispatch_in_savepoint($inner).await?,
                    Inside::SavepointAndSwallow => {
                        self.swallow(ev.dispatch_in_savepoint($inner).await)?
                    }
                };
                self.end(ev.context()).await
            }
        }
    };
}

acts!(ImportProcess, CreateUserProcess);
acts!(CreateUserProcess, GrantRoleProcess);

impl Listener<DefaultAction<'_, GrantRoleProcess>> for Act {
    async fn call(&self, mut ev: DefaultAction<'_, GrantRoleProcess>) -> Result<u32> {
        self.begin(ev.context()).await?;
        ev.dispatch(IndexUser).await?;
        self.end(ev.context()).await
    }
}

/// Import > create > grant > index: what import and create do with what is inside of them, and which of import,
/// create and grant fail.
fn wire(log: &Log, (import, create): (Inside, Inside), fails: &[&str]) -> (Core, MemoryStore) {
    let store = MemoryStore::new(log);
    let act = |key, inside| Act {
        key,
        inside,
        fails: fails.contains(&key),
        log: log.clone(),
        store: store.clone(),
    };
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    core.declare::<ImportProcess>()
        .default(act("import", import))
        .committed(log.committed("import committed"))
        .rolled_back(log.rolled_back("import rolled back"));
    core.declare::<CreateUserProcess>()
        .default(act("create", create))
        .observe(log.observe("create"))
        .committed(log.committed("create committed"))
        .rolled_back(log.rolled_back("create rolled back"));
    core.declare::<GrantRoleProcess>()
        .default(act("grant", Inside::Nothing))
        .committed(log.committed("grant committed"))
        .rolled_back(log.rolled_back("grant rolled back"));
    core.declare::<IndexUser>()
        .default(log.perform("index", 1))
        .committed(log.committed("index committed"))
        .rolled_back(log.rolled_back("index rolled back"));
    (core.build().unwrap(), store)
}

#[tokio::test]
async fn nested_process_with_savepoint_can_fail_alone() {
    let log = Log::new();
    let (core, store) = wire(&log, (Inside::SavepointAndSwallow, Inside::Dispatch), &["create"]);

    core.dispatch(&Context::new(), ImportProcess).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "begin",
            "put import",
            "savepoint 0",
            "savepoint 1",
            "put create",
            "put grant",
            "index",
            "put create again",
            "rollback to 1",
            "create: failed, conflict",
            "release 0",
            "import swallows conflict",
            "put import again",
            "commit",
            "index rolled back: conflict",
            "grant rolled back: conflict",
            "create rolled back: conflict",
            "import committed",
        ]
    );
    assert_eq!(store.keys(), ["import", "import again"]);
}

#[tokio::test]
async fn a_savepoint_that_succeeds_is_committed_with_the_process_around_it() {
    let log = Log::new();
    let (core, store) = wire(&log, (Inside::Savepoint, Inside::Savepoint), &[]);

    core.dispatch(&Context::new(), ImportProcess).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "begin",
            "put import",
            "savepoint 0",
            "savepoint 1",
            "put create",
            "savepoint 2",
            "put grant",
            "index",
            "release 2",
            "put create again",
            "release 1",
            "create: completed",
            "release 0",
            "put import again",
            "commit",
            "index committed",
            "grant committed",
            "create committed",
            "import committed",
        ]
    );
    assert_eq!(store.keys(), ["create", "create again", "grant", "import", "import again"]);
}

#[tokio::test]
async fn a_savepoint_that_succeeded_is_rolled_back_with_the_process_around_it() {
    let log = Log::new();
    let (core, store) = wire(&log, (Inside::Savepoint, Inside::Dispatch), &["import"]);

    core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    assert!(store.keys().is_empty());
    let entries = log.entries();
    let end = entries.iter().position(|entry| entry == "rollback").unwrap();
    assert_eq!(
        entries[end..],
        [
            "rollback",
            "index rolled back: conflict",
            "grant rolled back: conflict",
            "create rolled back: conflict",
            "import rolled back: conflict",
        ]
    );
}

#[tokio::test]
async fn an_error_that_goes_through_a_savepoint_rolls_back_everything_once() {
    let log = Log::new();
    let (core, store) = wire(&log, (Inside::Savepoint, Inside::Dispatch), &["create"]);

    let error = core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    assert_eq!(error.chain(), ["ImportProcess", "CreateUserProcess"]);
    assert!(store.keys().is_empty());
    let mut settled = log.entries();
    settled.retain(|entry| entry.contains("roll"));
    assert_eq!(
        settled,
        [
            "rollback to 1",
            "rollback",
            "index rolled back: conflict",
            "grant rolled back: conflict",
            "create rolled back: conflict",
            "import rolled back: conflict",
        ],
        "each of them once"
    );
}

#[tokio::test]
async fn a_joined_process_that_fails_inside_of_a_savepoint_dooms_the_savepoint_alone() {
    let log = Log::new();
    let (core, store) = wire(&log, (Inside::SavepointAndSwallow, Inside::Dispatch), &["grant"]);

    core.dispatch(&Context::new(), ImportProcess).await.unwrap();

    assert_eq!(store.keys(), ["import", "import again"]);
    assert_eq!(log.entries().last().unwrap(), "import committed");
}

#[tokio::test]
async fn a_joined_process_that_fails_and_is_swallowed_dooms_the_savepoint_around_it() {
    let log = Log::new();
    let (core, store) =
        wire(&log, (Inside::SavepointAndSwallow, Inside::DispatchAndSwallow), &["grant"]);

    core.dispatch(&Context::new(), ImportProcess).await.unwrap();

    assert_eq!(store.keys(), ["import", "import again"]);
    assert_eq!(
        log.entries(),
        [
            "begin",
            "put import",
            "savepoint 0",
            "savepoint 1",
            "put create",
            "put grant",
            "index",
            "create swallows conflict",
            "put create again",
            "rollback to 1",
            "create: failed, internal",
            "release 0",
            "import swallows internal",
            "put import again",
            "commit",
            "index rolled back: internal",
            "grant rolled back: internal",
            "create rolled back: internal",
            "import committed",
        ]
    );
}

#[tokio::test]
async fn a_savepoint_does_not_take_back_what_doomed_the_process_before() {
    async fn import(mut ev: DefaultAction<'_, ImportProcess>) -> Result<u32> {
        assert!(ev.dispatch(GrantRoleProcess).await.is_err());
        assert_eq!(ev.dispatch_in_savepoint(CreateUserProcess).await?, 1);
        Ok(7)
    }

    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    core.provide(Arc::new(store.clone()));
    core.declare::<ImportProcess>().default(import);
    core.declare::<CreateUserProcess>().before(put("user")).default(log.perform("create", 1));
    core.declare::<GrantRoleProcess>()
        .default(|_: DefaultAction<'_, GrantRoleProcess>| Err(Error::new(ErrorKind::Conflict)));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    assert!(error.to_string().contains("`GrantRoleProcess` failed inside"), "{error}");
    assert_eq!(log.entries().last().unwrap(), "rollback");
}

#[tokio::test]
async fn savepoints_nest() {
    let log = Log::new();
    let (core, store) =
        wire(&log, (Inside::SavepointAndSwallow, Inside::SavepointAndSwallow), &["grant"]);

    core.dispatch(&Context::new(), ImportProcess).await.unwrap();

    assert_eq!(store.keys(), ["create", "create again", "import", "import again"]);
    let mut calls = log.entries();
    calls.retain(|entry| {
        entry.contains("savepoint") || entry.contains(" to ") || entry.contains("release")
    });
    assert_eq!(
        calls,
        ["savepoint 0", "savepoint 1", "savepoint 2", "rollback to 2", "release 1", "release 0"]
    );
}

#[tokio::test]
async fn outside_of_a_process_a_savepoint_is_a_unit_of_work_of_its_own() {
    #[derive(Saga)]
    #[event(output = u32)]
    struct ImportSaga;

    async fn import(mut ev: DefaultAction<'_, ImportSaga>) -> Result<u32> {
        ev.dispatch_in_savepoint(GrantRoleProcess).await
    }

    fn wire_saga(core: &mut CoreBuilder) {
        core.declare::<ImportSaga>().default(import);
    }

    let log = Log::new();
    let store = MemoryStore::new(&log);
    let act = Act {
        key: "grant",
        inside: Inside::Nothing,
        fails: false,
        log: log.clone(),
        store: store.clone(),
    };
    let mut core = Core::builder();
    core.units_of_work(store.provider()).module(wire_saga);
    core.declare::<GrantRoleProcess>().default(act);
    core.declare::<IndexUser>().default(log.perform("index", 1));
    let core = core.build().unwrap();

    core.run(ImportSaga).await.unwrap();

    assert_eq!(log.entries(), ["begin", "put grant", "index", "commit"]);
}
