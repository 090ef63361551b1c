//! Errors and panics.

use std::sync::Arc;

use dullahan_core::{
    After, Before, BoxFuture, Committed, Context, Core, DefaultAction, Error, ErrorKind, Event,
    Inject, Listener, ListenerOptions as _, Observe, Process, Result, RolledBack, Saga,
};

use crate::support::{Log, MemoryStore, Watch, panic_with, pause};

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct HashPassword;

fn fails<T>(log: &Log, name: &str) -> Result<T> {
    log.add(name);
    Err(Error::new(ErrorKind::Conflict).with_code("taken"))
}

fn panics<T>(log: &Log, name: &str) -> Result<T> {
    log.add(name);
    panic_with("a secret of the database")
}

/// A core with a process of two listeners in each phase, of which the first one of this phase goes wrong.
fn wire(
    log: &Log,
    phase: &'static str,
    go_wrong: impl Fn(&'static str) -> Result<()> + Clone + Send + Sync + 'static,
) -> Core {
    let go = move |here: &'static str| if here == phase { go_wrong(here) } else { Ok(()) };
    let (before, default, after) = (go.clone(), go.clone(), go);
    let performed = log.clone();
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(log).provider());
    core.declare::<CreateUserProcess>()
        .before(
            (move |_: Before<'_, CreateUserProcess>| before("before"))
                .priority(1)
                .named("the one before"),
        )
        .before(log.before("before, the other"))
        .default(
            (move |_: DefaultAction<'_, CreateUserProcess>| {
                default("default")?;
                performed.add("default");
                Ok(42)
            })
            .named("the default"),
        )
        .after(
            (move |_: After<'_, CreateUserProcess>| after("after"))
                .priority(1)
                .named("the one after"),
        )
        .after(log.after("after, the other"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    core.build().unwrap()
}

#[tokio::test]
async fn before_default_after_errors_propagate() {
    let cases: [(&str, &str, &[&str]); 3] = [
        ("before", "the one before", &["before"]),
        ("default", "the default", &["before, the other", "default"]),
        ("after", "the one after", &["before, the other", "default", "after"]),
    ];
    for (phase, listener, ran) in cases {
        let log = Log::new();
        let failing = log.clone();
        let core = wire(&log, phase, move |name| fails(&failing, name));

        let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "taken"));
        assert_eq!(error.listener(), Some(listener));
        assert_eq!(error.chain(), ["CreateUserProcess"]);
        let end = ["observe: failed, taken", "rolled back: taken"];
        assert_eq!(log.entries(), [ran, &end].concat(), "{phase}");
    }
}

#[tokio::test]
async fn the_error_of_a_child_names_the_innermost_listener() {
    #[derive(Saga)]
    struct RegisterSaga;

    async fn register(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<()> {
        ev.dispatch(CreateUserProcess).await?;
        Ok(())
    }

    let log = Log::new();
    let failing = log.clone();
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(&log).provider());
    core.declare::<RegisterSaga>().default(register);
    core.declare::<CreateUserProcess>().default(
        (move |_: DefaultAction<'_, CreateUserProcess>| fails(&failing, "default"))
            .named("the default of the child"),
    );
    let core = core.build().unwrap();

    let error = core.run(RegisterSaga).await.unwrap_err();

    assert_eq!(error.listener(), Some("the default of the child"));
    assert_eq!(error.chain(), ["RegisterSaga", "CreateUserProcess"]);
}

#[tokio::test]
async fn a_caught_error_of_a_child_ends_nothing() {
    async fn hash(mut ev: Before<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
        let error = ev.dispatch(HashPassword).await.unwrap_err();
        log.add(format!("caught {}", error.code()));
        Ok(())
    }

    let log = Log::new();
    let failing = log.clone();
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone())).units_of_work(MemoryStore::new(&log).provider());
    core.declare::<CreateUserProcess>().before(hash).default(log.perform("default", 42));
    core.declare::<HashPassword>()
        .default(move |_: DefaultAction<'_, HashPassword>| fails(&failing, "hash"))
        .observe(log.observe("hash"));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 42);
    assert_eq!(log.entries(), ["hash", "hash: failed, taken", "caught taken", "default"]);
}

#[tokio::test]
async fn isolated_listener_error_does_not_stop_the_others() {
    let watch = Watch::failures();
    let _listening = watch.listen();
    let log = Log::new();
    let (one, two, three) = (log.clone(), log.clone(), log.clone());
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(&log).provider());
    core.declare::<CreateUserProcess>()
        .default(log.perform("default", 42))
        .observe(
            (move |_: Observe<'_, CreateUserProcess>| fails(&one, "failing observer"))
                .named("failing observer"),
        )
        .observe(log.observe("observe"))
        .committed(
            (move |_: Committed<'_, CreateUserProcess>| fails(&two, "failing committed"))
                .named("failing committed"),
        )
        .committed(log.committed("committed"))
        .rolled_back(
            (move |_: RolledBack<'_, CreateUserProcess>| fails(&three, "failing rolled back"))
                .named("failing rolled back"),
        )
        .rolled_back(log.rolled_back("rolled back"));
    core.declare::<HashPassword>().default(log.perform("hash", 1));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 42);

    assert_eq!(
        log.take(),
        ["default", "failing observer", "observe: completed", "failing committed", "committed"]
    );
    assert_eq!(watch.reports(), ["failing observer", "failing committed"], "once each");
}

#[tokio::test]
async fn a_failing_rolled_back_listener_does_not_stop_the_others() {
    let watch = Watch::failures();
    let _listening = watch.listen();
    let log = Log::new();
    let (one, two) = (log.clone(), log.clone());
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(&log).provider());
    core.declare::<CreateUserProcess>()
        .default(move |_: DefaultAction<'_, CreateUserProcess>| fails(&one, "default"))
        .rolled_back(
            (move |_: RolledBack<'_, CreateUserProcess>| panics(&two, "panicking"))
                .named("panicking"),
        )
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(error.code(), "taken");
    assert_eq!(log.entries(), ["default", "panicking", "rolled back: taken"]);
    assert_eq!(watch.reports(), ["panicking"]);
}

#[tokio::test]
async fn panic_in_a_committed_listener_is_isolated() {
    let watch = Watch::failures();
    let _listening = watch.listen();
    let log = Log::new();
    let store = MemoryStore::new(&log);
    let (one, two) = (log.clone(), log.clone());
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
    core.declare::<CreateUserProcess>()
        .default(
            async |ev: DefaultAction<'_, CreateUserProcess>, store: Inject<'_, MemoryStore>| {
                store.put(ev.context(), "user", "7").await?;
                Ok(7)
            },
        )
        .observe(
            (move |_: Observe<'_, CreateUserProcess>| panics(&one, "panicking observer"))
                .named("panicking observer"),
        )
        .observe(log.observe("observe"))
        .committed(
            (move |_: Committed<'_, CreateUserProcess>| panics(&two, "panicking committed"))
                .named("panicking committed"),
        )
        .committed(log.committed("committed"));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CreateUserProcess).await.unwrap(), 7);

    assert_eq!(store.keys(), ["user"]);
    assert_eq!(
        log.entries(),
        [
            "begin",
            "put user",
            "commit",
            "panicking observer",
            "observe: completed",
            "panicking committed",
            "committed",
        ]
    );
    assert_eq!(watch.reports(), ["panicking observer", "panicking committed"]);
}

#[tokio::test]
async fn panic_rolls_back_and_surfaces_as_internal() {
    for (phase, listener) in
        [("before", "the one before"), ("default", "the default"), ("after", "the one after")]
    {
        let log = Log::new();
        let panicking = log.clone();
        let core = wire(&log, phase, move |name| panics(&panicking, name));

        let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

        assert_eq!((error.kind(), error.code()), (ErrorKind::Internal, "internal"));
        assert_eq!(error.message(), "an internal error occurred", "a client learns nothing");
        assert!(error.to_string().contains("panicked: a secret of the database"), "{error}");
        assert_eq!(error.listener(), Some(listener));
        let entries = log.entries();
        let end = ["observe: failed, internal", "rolled back: internal"];
        assert_eq!(entries[entries.len() - 2..], end, "{phase}");
    }
}

/// A listener that writes and then panics: at once, or after it has waited.
struct WriteAndPanic {
    store: Arc<MemoryStore>,
}

impl WriteAndPanic {
    fn new(store: Arc<MemoryStore>) -> Self {
        Self { store }
    }
}

impl Listener<After<'_, CreateUserProcess>> for WriteAndPanic {
    async fn call(&self, ev: After<'_, CreateUserProcess>) -> Result<()> {
        self.store.put(ev.context(), "user", "7").await?;
        pause().await;
        panic_with(String::from("owned text"))
    }
}

#[tokio::test]
async fn a_panic_of_an_async_listener_undoes_what_it_wrote() {
    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
    core.declare::<CreateUserProcess>()
        .default(log.perform("default", 42))
        .after(WriteAndPanic::new);
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert!(error.to_string().contains("panicked: owned text"), "{error}");
    assert!(store.keys().is_empty());
    assert_eq!(log.entries(), ["default", "begin", "put user", "rollback"]);
}

#[tokio::test]
async fn a_panic_before_the_first_await_of_a_plain_function_is_caught_as_well() {
    fn boxed(_: Before<'_, HashPassword>) -> BoxFuture<'_, Result<()>> {
        let ready = panic_with("before there is a future");
        Box::pin(std::future::ready(ready))
    }

    /// A functor that acts before its future is there.
    struct Eager;

    impl Listener<Committed<'_, HashPassword>> for Eager {
        fn call(&self, _: Committed<'_, HashPassword>) -> impl Future<Output = Result<()>> + Send {
            let ready = panic_with("before there is a future");
            std::future::ready(ready)
        }
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<HashPassword>().default(log.perform("default", 1)).before(boxed);
    let error = core.build().unwrap().dispatch(&Context::new(), HashPassword).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.listener().unwrap().ends_with("boxed"), "{error}");

    let mut core = Core::builder();
    core.declare::<HashPassword>()
        .default(log.perform("default", 1))
        .committed(Eager)
        .committed(log.committed("committed"));
    let core = core.build().unwrap();
    assert_eq!(core.dispatch(&Context::new(), HashPassword).await.unwrap(), 1);
    assert_eq!(log.entries(), ["default", "committed"]);
}

#[tokio::test]
async fn a_panic_with_a_value_that_is_no_text_is_an_error_too() {
    let mut core = Core::builder();
    core.declare::<HashPassword>().default(|_: DefaultAction<'_, HashPassword>| panic_with(7_u8));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), HashPassword).await.unwrap_err();

    assert!(error.to_string().contains("a value that is no text"), "{error}");
}

#[tokio::test]
async fn spans_close_on_error() {
    #[derive(Saga)]
    #[event(output = usize)]
    struct RegisterSaga;

    async fn register(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<usize> {
        let depth = ev.chain().len();
        assert!(ev.dispatch(CreateUserProcess).await.is_err());
        assert_eq!(ev.chain().len(), depth, "depth is what it was");
        assert!(ev.dispatch(HashPassword).await.is_err());
        assert_eq!(ev.chain().len(), depth);
        Ok(depth)
    }

    async fn fail_later(_: Before<'_, CreateUserProcess>) -> Result<()> {
        pause().await;
        Err(Error::new(ErrorKind::Conflict))
    }

    async fn panic_later(_: Before<'_, HashPassword>) -> Result<()> {
        pause().await;
        panic_with("later")
    }

    let watch = Watch::dispatches();
    let _listening = watch.listen();
    let log = Log::new();
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(&log).provider());
    core.declare::<RegisterSaga>().default(register);
    core.declare::<CreateUserProcess>().before(fail_later).default(log.perform("default", 1));
    core.declare::<HashPassword>().before(panic_later).default(log.perform("default", 1));
    let core = core.build().unwrap();

    assert_eq!(core.run(RegisterSaga).await.unwrap(), 1);

    assert_eq!(watch.open_and_entered(), (0, 0));
    assert_eq!(
        watch.closed_spans(),
        ["process CreateUserProcess", "event HashPassword", "saga RegisterSaga"]
    );
}
