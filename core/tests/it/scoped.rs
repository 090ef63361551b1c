//! Values that count for one dispatch and what is below it.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};

use dullahan_core::{
    Before, Committed, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event,
    Listener, Observe, Process, Result, RolledBack, Saga,
};

use crate::support::{Log, MemoryStore, pause};

#[derive(Clone, Debug, PartialEq)]
struct Tenant(&'static str);

#[derive(Clone, Debug, PartialEq)]
struct Locale(&'static str);

#[derive(Saga)]
struct ImportAllSaga;

#[derive(Process)]
struct ImportProcess;

#[derive(Event)]
struct ReadRow;

/// Whose turn it is, as a listener sees it.
fn whose(context: &Context) -> &'static str {
    context.get().map_or("nobody", |Tenant(name)| name)
}

/// Notes in which phase of which event which tenant is seen.
struct See {
    at: &'static str,
    log: Log,
}

macro_rules! sees {
    ($($handle:ident),*) => {
        $(impl<E: Event<Output = ()>> Listener<$handle<'_, E>> for See {
            async fn call(&self, ev: $handle<'_, E>) -> Result<()> {
                self.log.add(format!("{}: {}", self.at, whose(ev.context())));
                Ok(())
            }
        })*
    };
}

sees!(Before, DefaultAction, Observe, Committed, RolledBack);

/// An import: a process with an event, each with listeners in every phase.
fn builder(log: &Log) -> CoreBuilder {
    async fn import(mut ev: DefaultAction<'_, ImportProcess>) -> Result<()> {
        ev.dispatch(ReadRow).await
    }

    let see = |at| See { at, log: log.clone() };
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(&Log::new()).provider());
    core.declare::<ImportProcess>()
        .before(see("import"))
        .default(import)
        .observe(see("import observed"))
        .committed(see("import committed"))
        .rolled_back(see("import rolled back"));
    core.declare::<ReadRow>()
        .default(see("row"))
        .observe(see("row observed"))
        .committed(see("row committed"))
        .rolled_back(see("row rolled back"));
    core
}

#[tokio::test]
async fn core_19_a_value_is_seen_by_one_dispatch_and_everything_below_it() {
    async fn import_all(mut ev: DefaultAction<'_, ImportAllSaga>) -> Result<()> {
        ev.with(Tenant("north")).dispatch(ImportProcess).await?;
        assert_eq!(ev.context().get::<Tenant>(), None);
        ev.dispatch(ReadRow).await?;
        ev.with(Tenant("south")).dispatch_in_savepoint(ImportProcess).await
    }

    let log = Log::new();
    let mut core = builder(&log);
    core.declare::<ImportAllSaga>().default(import_all);
    let core = core.build().unwrap();
    let context = Context::new();

    core.run_in(&context, ImportAllSaga).await.unwrap();

    let import = |tenant: &str| {
        ["import", "row", "row observed", "import observed", "row committed", "import committed"]
            .map(|at| format!("{at}: {tenant}"))
    };
    let between = ["row", "row observed", "row committed"].map(|at| format!("{at}: nobody"));
    assert_eq!(log.entries(), [&import("north")[..], &between, &import("south")].concat());
    assert_eq!(context.get::<Tenant>(), None);
}

#[tokio::test]
async fn core_19_committed_and_rolled_back_listeners_see_it_however_late_they_run() {
    #[derive(Process)]
    struct OuterProcess {
        fails: bool,
    }

    async fn outer(mut ev: DefaultAction<'_, OuterProcess>) -> Result<()> {
        ev.with(Tenant("north")).dispatch(ImportProcess).await?;
        ev.with(Tenant("south")).dispatch(ReadRow).await?;
        if ev.fails { Err(Error::new(ErrorKind::Conflict)) } else { Ok(()) }
    }

    let log = Log::new();
    let mut core = builder(&log);
    core.declare::<OuterProcess>()
        .default(outer)
        .committed(See { at: "outer committed", log: log.clone() })
        .rolled_back(See { at: "outer rolled back", log: log.clone() });
    let core = core.build().unwrap();

    for (fails, how) in [(false, "committed"), (true, "rolled back")] {
        let told = core.dispatch(&Context::new(), OuterProcess { fails }).await;
        assert_eq!(told.is_err(), fails);
        let seen = ["row", "import", "row", "outer"]
            .into_iter()
            .zip(["north", "north", "south", "nobody"])
            .map(|(event, tenant)| format!("{event} {how}: {tenant}"));
        assert!(log.take().ends_with(&seen.collect::<Vec<_>>()));
    }
}

#[tokio::test]
async fn core_19_siblings_at_the_same_time_see_their_own() {
    async fn slow(ev: DefaultAction<'_, ReadRow>) -> Result<()> {
        let before = whose(ev.context());
        pause().await;
        ev.context().insert(Locale("de"));
        pause().await;
        assert_eq!(whose(ev.context()), before);
        Err(Error::new(ErrorKind::Conflict).with_code(before))
    }

    let mut core = Core::builder();
    core.declare::<ReadRow>().default(slow);
    let core = core.build().unwrap();
    let context = Context::new();
    let (north, south) = (context.with(Tenant("north")), context.with(Tenant("south")));
    let mut runs = [&*north, &*south, &context].map(|context| {
        let core = core.clone();
        Some(Box::pin(async move { core.dispatch(context, ReadRow).await.unwrap_err() }))
    });
    let mut seen = ["", "", ""].map(str::to_owned);
    let all = poll_fn(|waker| {
        for (run, seen) in runs.iter_mut().zip(&mut seen) {
            if let Some(Poll::Ready(error)) = run.as_mut().map(|run| run.as_mut().poll(waker)) {
                *seen = error.code().to_owned();
                *run = None;
            }
        }
        if runs.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    });
    pin!(all).await;

    assert_eq!(seen, ["north", "south", "nobody"]);
    assert_eq!(context.get(), Some(Locale("de")), "what is not scoped flows up as ever");
}

#[test]
fn core_19_a_value_inside_hides_the_one_around_and_is_changed_in_its_place() {
    let context = Context::new();
    context.insert(Tenant("all"));
    {
        let north = context.with(Tenant("north")).with(Locale("de"));
        assert_eq!((north.get(), north.get()), (Some(Tenant("north")), Some(Locale("de"))));
        let inner = north.with(Tenant("south"));
        assert_eq!(inner.insert(Tenant("west")), Some(Tenant("south")));
        assert_eq!(inner.get(), Some(Tenant("west")));
        assert_eq!(inner.remove(), Some(Tenant("west")));
        assert_eq!(inner.get::<Tenant>(), None, "the one around does not show through");
        assert_eq!(inner.get(), Some(Locale("de")));
    }
    assert_eq!(context.get(), Some(Tenant("all")));
    assert_eq!(context.get::<Locale>(), None);
}

#[tokio::test]
async fn core_19_a_compensation_sees_what_the_step_saw_that_kept_it() {
    async fn import_all(mut ev: DefaultAction<'_, ImportAllSaga>) -> Result<()> {
        ev.with(Tenant("north")).dispatch(ImportProcess).await?;
        Err(Error::new(ErrorKind::Conflict))
    }

    let log = Log::new();
    let mut core = builder(&log);
    core.declare::<ImportAllSaga>().default(import_all);
    core.event::<ImportProcess>().before(|mut ev: Before<'_, ImportProcess>| {
        ev.compensate_with(ReadRow);
        Ok(())
    });
    let core = core.build().unwrap();

    core.run(ImportAllSaga).await.unwrap_err();

    assert!(
        log.entries().ends_with(
            &["row", "row observed", "row committed"].map(|at| { format!("{at}: north") })
        )
    );
}

#[tokio::test]
async fn what_is_detached_outlives_the_saga_and_shares_its_values() {
    type Spawned = Arc<parking_lot::Mutex<Option<(Core, Context)>>>;

    struct Detach(Spawned);

    impl Listener<DefaultAction<'_, ImportProcess>> for Detach {
        async fn call(&self, mut ev: DefaultAction<'_, ImportProcess>) -> Result<()> {
            ev.context().insert(Locale("de"));
            ev.with(Tenant("south")).dispatch(ReadRow).await?;
            *self.0.lock() = Some(ev.detached());
            Err(Error::new(ErrorKind::Conflict))
        }
    }

    let log = Log::new();
    let spawned = Spawned::default();
    let mut core = builder(&log);
    core.event::<ImportProcess>().override_default(Detach(Arc::clone(&spawned)));
    let core = core.build().unwrap();
    let context = Context::new().with_time_limit(std::time::Duration::from_secs(60)).with_trace();

    core.dispatch(&context.with(Tenant("north")), ImportProcess).await.unwrap_err();
    drop((core, context));
    log.take();

    let (core, context) = spawned.lock().take().unwrap();
    let run = tokio::spawn(async move {
        assert!(context.deadline().is_none() && context.trace().is_none());
        assert_eq!(context.get(), Some(Locale("de")));
        assert!(context.unit_of_work().await.unwrap().is_none());
        core.dispatch(&context, ReadRow).await
    });
    run.await.unwrap().unwrap();
    assert_eq!(log.entries()[0], "row: north");
}
