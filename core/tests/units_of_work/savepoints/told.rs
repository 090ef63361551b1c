//! Who is told that a savepoint was undone, when, and with which error.

use std::sync::Arc;

use dullahan_core::{After, Context, Core, DefaultAction, Error, ErrorKind, Result, RolledBack};

use super::{Act, CreateUserProcess, GrantRoleProcess, ImportProcess, IndexUser, Inside, wire};
use crate::support::{Log, MemoryStore, give_up_after};

/// Notes a failed attempt in a process of its own.
async fn note_it(mut ev: RolledBack<'_, CreateUserProcess>) -> Result<()> {
    ev.dispatch(GrantRoleProcess).await.map(drop)
}

async fn import(mut ev: DefaultAction<'_, ImportProcess>) -> Result<u32> {
    assert!(ev.dispatch_in_savepoint(CreateUserProcess).await.is_err());
    Err(Error::new(ErrorKind::Forbidden))
}

#[tokio::test]
async fn core_01_rolled_back_listeners_of_a_savepoint_are_outside_of_the_unit_of_work() {
    let log = Log::new();
    let store = MemoryStore::new(&log);
    let grant = Act {
        key: "failed attempt",
        inside: Inside::Nothing,
        fails: false,
        log: log.clone(),
        store: store.clone(),
    };
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
    core.declare::<ImportProcess>().default(import);
    core.declare::<CreateUserProcess>()
        .default(log.perform("create", 1))
        .after(|_: After<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict)))
        .rolled_back(note_it);
    core.declare::<GrantRoleProcess>().default(grant);
    core.declare::<IndexUser>().default(log.perform("index", 1));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    assert_eq!(store.keys(), ["failed attempt"], "though the process around it is undone");
}

#[tokio::test]
async fn core_01_rolled_back_listeners_of_a_savepoint_wait_for_the_outer_process() {
    let log = Log::new();
    let inside = (Inside::SavepointAndSwallow, Inside::SavepointAndSwallow);
    let (core, store) = wire(&log, inside, &["grant", "create"]);

    core.dispatch(&Context::new(), ImportProcess).await.unwrap();

    assert_eq!(store.keys(), ["import", "import again"]);
    let entries = log.entries();
    let end = entries.iter().position(|entry| entry == "commit").unwrap();
    assert_eq!(
        entries[end..],
        [
            "commit",
            "index rolled back: conflict",
            "grant rolled back: conflict",
            "create rolled back: conflict",
            "import committed",
        ]
    );
}

#[tokio::test]
async fn core_01_each_savepoint_is_told_with_its_own_error() {
    async fn import(mut ev: DefaultAction<'_, ImportProcess>) -> Result<u32> {
        assert!(ev.dispatch_in_savepoint(CreateUserProcess).await.is_err());
        Err(Error::new(ErrorKind::Forbidden))
    }

    async fn create(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        assert!(ev.dispatch_in_savepoint(GrantRoleProcess).await.is_err());
        Err(Error::new(ErrorKind::NotFound))
    }

    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    core.declare::<ImportProcess>().default(import).rolled_back(log.rolled_back("import"));
    core.declare::<CreateUserProcess>().default(create).rolled_back(log.rolled_back("create"));
    core.declare::<GrantRoleProcess>()
        .default(async |mut ev: DefaultAction<'_, GrantRoleProcess>| {
            ev.dispatch(IndexUser).await?;
            Err(Error::new(ErrorKind::Conflict))
        })
        .rolled_back(log.rolled_back("grant"));
    core.declare::<IndexUser>()
        .default(log.perform("index", 1))
        .rolled_back(log.rolled_back("index"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    let mut told = log.entries();
    told.retain(|entry| entry.contains(": "));
    assert_eq!(
        told,
        ["index: conflict", "grant: conflict", "create: not_found", "import: forbidden"]
    );
}

#[tokio::test]
async fn core_01_what_was_undone_is_told_though_the_savepoint_around_it_is_given_up() {
    async fn import(mut ev: DefaultAction<'_, ImportProcess>) -> Result<u32> {
        let given_up = give_up_after(100, ev.dispatch_in_savepoint(CreateUserProcess)).await;
        assert!(given_up.is_none());
        Ok(1)
    }

    async fn create(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        assert!(ev.dispatch_in_savepoint(GrantRoleProcess).await.is_err());
        std::future::pending().await
    }

    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    core.declare::<ImportProcess>().default(import).committed(log.committed("import"));
    core.declare::<CreateUserProcess>().default(create).rolled_back(log.rolled_back("create"));
    core.declare::<GrantRoleProcess>()
        .default(|_: DefaultAction<'_, GrantRoleProcess>| Err(Error::new(ErrorKind::Conflict)))
        .rolled_back(log.rolled_back("grant"));
    let core = core.build().unwrap();

    // `give_up_after` does not wake itself, so the runtime's own steps do.
    let context = Context::new();
    let run = core.dispatch(&context, ImportProcess);
    let mut run = std::pin::pin!(run);
    let output = std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        run.as_mut().poll(context)
    });
    output.await.unwrap();

    assert_eq!(log.entries().last_chunk(), Some(&["grant: conflict".into(), "import".into()]));
}
