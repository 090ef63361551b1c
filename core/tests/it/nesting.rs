//! Dispatching inside of a listener.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Context, Core, DefaultAction, ErrorKind, Event, Inject, Listener, Observe,
    Process, Result, Saga,
};

use crate::support::{Log, MemoryStore, Stepper, give_up_after, pause};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterSaga;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct HashPassword;

/// A value that the application put into the context.
#[derive(Clone, Debug, PartialEq)]
struct Tenant(&'static str);

#[tokio::test]
async fn nested_dispatch_finishes_before_the_outer_goes_on() {
    async fn register(
        mut ev: DefaultAction<'_, RegisterSaga>,
        log: Inject<'_, Log>,
    ) -> Result<u32> {
        log.add("saga begins");
        let id = ev.dispatch(CreateUserProcess).await?;
        log.add("saga goes on");
        Ok(id)
    }

    async fn hash(mut ev: Before<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
        log.add("process begins");
        ev.dispatch(HashPassword).await?;
        log.add("process goes on");
        Ok(())
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone()));
    core.units_of_work(MemoryStore::new(&log).provider());
    core.declare::<RegisterSaga>().default(register).observe(log.observe("saga"));
    core.declare::<CreateUserProcess>()
        .before(hash)
        .default(log.perform("process", 7))
        .observe(log.observe("process"));
    core.declare::<HashPassword>()
        .before(log.before("hash, before"))
        .default(log.perform("hash", 0))
        .after(log.after("hash, after"))
        .observe(log.observe("hash"));
    let core = core.build().unwrap();

    assert_eq!(core.run(RegisterSaga).await.unwrap(), 7);
    assert_eq!(
        log.entries(),
        [
            "saga begins",
            "process begins",
            "hash, before",
            "hash",
            "hash, after",
            "hash: completed",
            "process goes on",
            "process",
            "process: completed",
            "saga goes on",
            "saga: completed",
        ]
    );
}

#[tokio::test]
async fn child_shares_context_and_unit_of_work() {
    async fn create(
        mut ev: DefaultAction<'_, CreateUserProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        ev.context().insert(Tenant("north"));
        store.put(ev.context(), "user", "7").await?;
        ev.dispatch(HashPassword).await?;
        assert_eq!(ev.context().get::<Tenant>(), Some(Tenant("south")));
        assert_eq!(store.get(ev.context(), "hash").await?.as_deref(), Some("argon2"));
        Ok(7)
    }

    async fn hash(
        ev: DefaultAction<'_, HashPassword>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        assert_eq!(ev.context().get::<Tenant>(), Some(Tenant("north")));
        assert_eq!(store.get(ev.context(), "user").await?.as_deref(), Some("7"));
        ev.context().insert(Tenant("south"));
        store.put(ev.context(), "hash", "argon2").await?;
        Ok(0)
    }

    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
    core.declare::<CreateUserProcess>().default(create);
    core.declare::<HashPassword>().default(hash);
    let core = core.build().unwrap();
    let context = Context::new();

    core.dispatch(&context, CreateUserProcess).await.unwrap();

    assert_eq!(context.get::<Tenant>(), Some(Tenant("south")), "whoever asked sees it too");
    assert_eq!(log.entries(), ["begin", "put user", "put hash", "commit"]);
    assert_eq!(store.keys(), ["hash", "user"]);
}

#[tokio::test]
async fn every_handle_names_the_events_that_led_to_it() {
    async fn register(
        mut ev: DefaultAction<'_, RegisterSaga>,
        log: Inject<'_, Log>,
    ) -> Result<u32> {
        log.add(ev.chain().join(" > "));
        let id = ev.dispatch(CreateUserProcess).await?;
        log.add(ev.chain().join(" > "));
        Ok(id)
    }

    async fn hash(mut ev: After<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(HashPassword).await?;
        Ok(())
    }

    fn note(ev: Before<'_, HashPassword>, log: Inject<'_, Log>) -> Result<()> {
        log.add(ev.chain().join(" > "));
        Ok(())
    }

    fn look(ev: Observe<'_, HashPassword>, log: Inject<'_, Log>) -> Result<()> {
        log.add(format!("observed {}", ev.chain().join(" > ")));
        Ok(())
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone()));
    core.units_of_work(MemoryStore::new(&log).provider());
    core.declare::<RegisterSaga>().default(register);
    core.declare::<CreateUserProcess>().default(log.perform("created", 7)).after(hash);
    core.declare::<HashPassword>().default(log.perform("hashed", 0)).before(note).observe(look);
    let core = core.build().unwrap();

    core.run(RegisterSaga).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "RegisterSaga",
            "created",
            "RegisterSaga > CreateUserProcess > HashPassword",
            "hashed",
            "observed RegisterSaga > CreateUserProcess > HashPassword",
            "RegisterSaga",
        ]
    );
}

#[tokio::test]
async fn a_saga_may_run_inside_of_a_saga() {
    #[derive(Saga)]
    #[event(output = u32)]
    struct ImportSaga;

    async fn import(mut ev: DefaultAction<'_, ImportSaga>) -> Result<u32> {
        ev.context().insert(Tenant("north"));
        Ok(ev.run(RegisterSaga).await? + ev.run(RegisterSaga).await?)
    }

    fn register(ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
        assert_eq!(ev.chain(), ["ImportSaga", "RegisterSaga"]);
        assert_eq!(ev.context().get::<Tenant>(), Some(Tenant("north")));
        Ok(21)
    }

    let mut core = Core::builder();
    core.declare::<ImportSaga>().default(import);
    core.declare::<RegisterSaga>().default(register);
    let core = core.build().unwrap();

    assert_eq!(core.run(ImportSaga).await.unwrap(), 42);
}

#[tokio::test]
async fn dispatching_an_event_that_nobody_declares_names_it() {
    async fn register(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
        ev.dispatch(HashPassword).await
    }

    let mut core = Core::builder();
    core.declare::<RegisterSaga>().default(register);
    let core = core.build().unwrap();

    let error = core.run(RegisterSaga).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(!error.is_not_handled());
    assert!(error.to_string().contains("`HashPassword`"), "{error}");
    assert!(error.to_string().contains("core.declare::<HashPassword>()"), "{error}");

    let error = core.dispatch(&Context::new(), HashPassword).await.unwrap_err();
    assert!(error.to_string().contains("no module of this core declares it"), "{error}");
}

#[tokio::test]
async fn deep_nesting_is_bounded() {
    async fn again(mut ev: Before<'_, HashPassword>, log: Inject<'_, Log>) -> Result<()> {
        log.add("again");
        ev.dispatch(HashPassword).await?;
        Ok(())
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone()));
    core.declare::<HashPassword>().before(again).default(log.perform("default", 0));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), HashPassword).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.to_string().contains("deeper than 24"), "{error}");
    assert!(error.to_string().contains("HashPassword > HashPassword"), "{error}");
    assert!(error.chain().iter().all(|event| *event == "HashPassword"));
    assert_eq!(error.chain().len(), 25, "the outermost one and 24 inside of it");
    assert_eq!(log.entries().len(), 25);
}

#[tokio::test]
async fn the_greatest_depth_is_the_applications_choice() {
    async fn outer(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
        ev.dispatch(CreateUserProcess).await
    }

    async fn inner(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        ev.dispatch(HashPassword).await
    }

    for (max_depth, is_enough) in [(0, false), (1, false), (2, true), (3, true)] {
        let log = Log::new();
        let mut core = Core::builder();
        core.max_depth(max_depth).units_of_work(MemoryStore::new(&log).provider());
        core.declare::<RegisterSaga>().default(outer);
        core.declare::<CreateUserProcess>().default(inner);
        core.declare::<HashPassword>().default(log.perform("default", 0));
        let core = core.build().unwrap();

        assert_eq!(core.run(RegisterSaga).await.is_ok(), is_enough, "depth {max_depth}");
    }
}

/// A committed listener that starts what it listens to, by way of a process.
struct StartAgain;

impl Listener<dullahan_core::Committed<'_, HashPassword>> for StartAgain {
    async fn call(&self, mut ev: dullahan_core::Committed<'_, HashPassword>) -> Result<()> {
        ev.context().insert(Runs(ev.context().get::<Runs>().map_or(1, |Runs(runs)| runs + 1)));
        ev.dispatch(CreateUserProcess).await?;
        Ok(())
    }
}

/// How often a listener ran.
#[derive(Clone, Debug, PartialEq)]
struct Runs(u32);

#[tokio::test]
async fn deep_nesting_is_bounded_through_committed_listeners_as_well() {
    async fn create(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        ev.dispatch(HashPassword).await
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.max_depth(9).units_of_work(MemoryStore::new(&log).provider());
    core.declare::<CreateUserProcess>().default(create);
    core.declare::<HashPassword>().default(log.perform("hash", 1)).committed(StartAgain);
    let core = core.build().unwrap();
    let context = Context::new();

    let mut stepper = Stepper::new(core.dispatch(&context, CreateUserProcess));
    assert_eq!(stepper.step().expect("nothing in it waits").unwrap(), 1);

    let Some(Runs(runs)) = context.get::<Runs>() else { panic!("no committed listener ran") };
    assert!(runs <= 10, "{runs}");
}

/// Dispatches a child, gives up on it after so many polls, and goes on.
struct GiveUpOnHash {
    polls: usize,
    log: Log,
}

impl Listener<DefaultAction<'_, RegisterSaga>> for GiveUpOnHash {
    async fn call(&self, mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
        ev.context().insert(Tenant("north"));
        let hashed = give_up_after(self.polls, ev.dispatch(HashPassword)).await;
        self.log.add(if hashed.is_some() { "hashed" } else { "gave up" });
        assert_eq!(ev.context().get::<Tenant>(), Some(Tenant("north")));
        assert_eq!(ev.chain(), ["RegisterSaga"]);
        ev.dispatch(CreateUserProcess).await
    }
}

#[tokio::test]
async fn cancelled_child_leaves_the_parent_usable() {
    async fn slow(_: Before<'_, HashPassword>, log: Inject<'_, Log>) -> Result<()> {
        log.add("slow begins");
        pause().await;
        log.add("slow goes on");
        Ok(())
    }

    async fn create(
        ev: DefaultAction<'_, CreateUserProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        store.put(ev.context(), "user", "7").await?;
        Ok(7)
    }

    for (polls, how) in [(0, "gave up"), (1, "gave up"), (2, "hashed")] {
        let log = Log::new();
        let store = MemoryStore::new(&Log::new());
        let mut core = Core::builder();
        core.provide(Arc::new(log.clone())).provide(Arc::new(store.clone()));
        core.units_of_work(store.provider());
        core.declare::<RegisterSaga>().default(GiveUpOnHash { polls, log: log.clone() });
        core.declare::<HashPassword>()
            .before(slow)
            .default(log.perform("hash", 1))
            .observe(log.observe("hash"));
        core.declare::<CreateUserProcess>().default(create);
        let core = core.build().unwrap();

        assert_eq!(core.run(RegisterSaga).await.unwrap(), 7);

        assert_eq!(store.keys(), ["user"]);
        let entries = log.entries();
        assert_eq!(entries.last().unwrap(), how);
        assert_eq!(entries.iter().any(|entry| entry == "hash: completed"), how == "hashed");
    }
}

#[tokio::test]
async fn core_08_a_dispatch_by_the_core_is_as_deep_as_one_by_the_handle() {
    /// A listener that dispatches its own event by a core of its own, in the same context or in a new one.
    struct Again {
        core: Arc<std::sync::OnceLock<Core>>,
        log: Log,
        is_same: bool,
    }

    impl Listener<Before<'_, HashPassword>> for Again {
        async fn call(&self, ev: Before<'_, HashPassword>) -> Result<()> {
            self.log.add("again");
            assert!(self.log.entries().len() < 200, "nobody stops it");
            let core = self.core.get().unwrap();
            let other = Context::new();
            let context = if self.is_same { ev.context() } else { &other };
            core.dispatch(context, HashPassword).await.map(drop)
        }
    }

    for is_same in [true, false] {
        let log = Log::new();
        let shared = Arc::new(std::sync::OnceLock::new());
        let again = Again { core: Arc::clone(&shared), log: log.clone(), is_same };
        let mut core = Core::builder();
        core.declare::<HashPassword>().before(again).default(log.perform("default", 0));
        let core = core.build().unwrap();
        shared.set(core.clone()).unwrap();

        let error = core.dispatch(&Context::new(), HashPassword).await.unwrap_err();

        assert!(error.to_string().contains("deeper than 24"), "{error}");
        assert_eq!(log.entries().len(), 25);
    }
}
