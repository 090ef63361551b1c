//! What follows the end of a unit of work: whose listeners are called, where they stand, how much time they have.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use dullahan_core::{
    After, Before, Committed, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event,
    Listener, Observe, Process, Result, RolledBack, Saga,
};

use crate::support::{Log, MemoryStore, put, store_builder};

#[derive(Saga)]
#[event(output = u32)]
struct OuterSaga;

#[derive(Process)]
#[event(output = u32)]
struct OuterProcess;

#[derive(Process)]
#[event(output = u32)]
struct MiddleProcess;

#[derive(Event)]
#[event(output = u32)]
struct Leaf;

#[derive(Event)]
#[event(output = u32, preventable)]
struct Report;

/// Writes where it stands, and where an event stands that it dispatches.
struct Stand(Log);

macro_rules! stand {
    ($phase:ident) => {
        impl<E: Event> Listener<$phase<'_, E>> for Stand {
            async fn call(&self, mut ev: $phase<'_, E>) -> Result<()> {
                self.0.add(ev.chain().join(" > "));
                ev.dispatch(Report).await.map(drop)
            }
        }
    };
}

stand!(Committed);
stand!(RolledBack);
stand!(Observe);

fn wire(log: &Log, fails: bool) -> (CoreBuilder, MemoryStore) {
    let (mut core, store) = store_builder(log);
    core.declare::<OuterSaga>()
        .default(async |mut ev: DefaultAction<'_, OuterSaga>| ev.dispatch(OuterProcess).await);
    core.declare::<OuterProcess>()
        .default(async |mut ev: DefaultAction<'_, OuterProcess>| ev.dispatch(MiddleProcess).await);
    core.declare::<MiddleProcess>()
        .before(put("middle"))
        .default(async |mut ev: DefaultAction<'_, MiddleProcess>| ev.dispatch(Leaf).await)
        .after(
            move |_: After<'_, MiddleProcess>| {
                if fails { Err(Error::new(ErrorKind::Conflict)) } else { Ok(()) }
            },
        );
    core.declare::<Leaf>()
        .default(log.perform("leaf", 1))
        .committed(Stand(log.clone()))
        .rolled_back(Stand(log.clone()));
    core.declare::<Report>().default(log.perform("report", 1));
    (core, store)
}

#[tokio::test]
async fn core_16_the_chain_of_what_follows_is_the_true_one() {
    for fails in [false, true] {
        let log = Log::new();
        let (mut core, _) = wire(&log, fails);
        core.event::<Report>().before(|ev: Before<'_, Report>| {
            Err(Error::new(ErrorKind::Conflict).with_message(ev.chain().join(" > ")))
        });
        core.event::<Report>().observe(Stand(log.clone()).quietly());
        let core = core.build().unwrap();

        assert_eq!(core.run(OuterSaga).await.is_err(), fails);

        let leaf = "OuterSaga > OuterProcess > MiddleProcess > Leaf";
        let entries = log.entries();
        let chains: Vec<_> = entries.iter().filter(|entry| entry.contains(" > ")).collect();
        assert_eq!(chains, [leaf, &format!("{leaf} > Report")], "fails: {fails}");
    }
}

impl Stand {
    /// Only writes where it stands.
    fn quietly(self) -> impl for<'a> Fn(Observe<'a, Report>) -> Result<()> + Send + Sync + 'static {
        move |ev: Observe<'_, Report>| {
            self.0.add(ev.chain().join(" > "));
            Ok(())
        }
    }
}

#[tokio::test]
async fn core_16_a_trace_keeps_what_follows_below_its_own_event() {
    let log = Log::new();
    let (core, _) = wire(&log, false);
    let context = Context::new().with_trace();

    core.build().unwrap().run_in(&context, OuterSaga).await.unwrap();

    let mut dispatch = &context.trace().unwrap().dispatches[0];
    let mut chain = vec![dispatch.event];
    while let [child, ..] = &dispatch.children[..] {
        dispatch = child;
        chain.push(dispatch.event);
    }
    assert_eq!(chain, ["OuterSaga", "OuterProcess", "MiddleProcess", "Leaf", "Report"]);
}

/// Waits until the time of the saga is up.
async fn take_too_long(ev: DefaultAction<'_, MiddleProcess>) -> Result<u32> {
    let deadline = ev.context().deadline().unwrap();
    tokio::time::sleep_until(deadline.into()).await;
    assert!(Instant::now() >= deadline);
    Ok(1)
}

#[tokio::test]
async fn core_12_what_follows_has_the_time_it_needs() {
    for fails in [false, true] {
        let log = Log::new();
        let (mut core, _) = store_builder(&log);
        core.declare::<OuterSaga>()
            .default(async |mut ev: DefaultAction<'_, OuterSaga>| ev.dispatch(MiddleProcess).await)
            .observe(Stand(log.clone()))
            .committed(Stand(log.clone()))
            .rolled_back(Stand(log.clone()));
        core.declare::<MiddleProcess>()
            .before(async |mut ev: Before<'_, MiddleProcess>| ev.dispatch(Leaf).await.map(drop))
            .default(take_too_long)
            .after(
                move |_: After<'_, MiddleProcess>| {
                    if fails { Err(Error::new(ErrorKind::Conflict)) } else { Ok(()) }
                },
            )
            .committed(Stand(log.clone()))
            .rolled_back(Stand(log.clone()));
        core.declare::<Leaf>()
            .default(log.perform("leaf", 1))
            .committed(Stand(log.clone()))
            .rolled_back(Stand(log.clone()));
        core.declare::<Report>().default(log.perform("report", 1));
        let core = core.build().unwrap();
        let context = Context::new().with_time_limit(Duration::from_secs(1));

        assert_eq!(core.run_in(&context, OuterSaga).await.is_err(), fails);

        assert_eq!(
            log.entries(),
            [
                "leaf",
                "OuterSaga > MiddleProcess > Leaf",
                "report",
                "OuterSaga > MiddleProcess",
                "report",
                "OuterSaga",
                "report",
                "OuterSaga",
                "report",
            ],
            "fails: {fails}"
        );
        assert!(context.deadline().unwrap() <= Instant::now());
    }
}

/// Dispatches an event of another core in the context of this one.
struct Elsewhere(Arc<OnceLock<Core>>);

impl Listener<DefaultAction<'_, OuterProcess>> for Elsewhere {
    async fn call(&self, ev: DefaultAction<'_, OuterProcess>) -> Result<u32> {
        self.0.get().unwrap().dispatch(ev.context(), Leaf).await
    }
}

#[tokio::test]
async fn core_11_what_follows_an_event_is_up_to_the_core_that_dispatched_it() {
    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    let tenant = Arc::new(OnceLock::new());
    core.declare::<OuterProcess>().default(Elsewhere(Arc::clone(&tenant)));
    core.declare::<Leaf>()
        .default(log.perform("leaf", 1))
        .committed(log.committed("base committed"));
    let core = core.build().unwrap();
    let north = core.overlay(|north| {
        north.event::<Leaf>().committed(log.committed("north committed"));
    });
    tenant.set(north.unwrap()).unwrap();

    core.dispatch(&Context::new(), OuterProcess).await.unwrap();

    assert_eq!(log.entries(), ["leaf", "base committed", "north committed"]);
}

#[tokio::test]
async fn core_11_an_event_that_only_another_core_has_is_followed_by_its_listeners() {
    for fails in [false, true] {
        let log = Log::new();
        let (mut core, _) = store_builder(&log);
        let other = Arc::new(OnceLock::new());
        core.declare::<OuterProcess>().default(Elsewhere(Arc::clone(&other))).after(
            move |_: After<'_, OuterProcess>| {
                if fails { Err(Error::new(ErrorKind::Conflict)) } else { Ok(()) }
            },
        );
        let core = core.build().unwrap();
        let mut elsewhere = Core::builder();
        elsewhere
            .declare::<Leaf>()
            .default(log.perform("leaf", 1))
            .committed(log.committed("committed"))
            .rolled_back(log.rolled_back("rolled back"));
        other.set(elsewhere.build().unwrap()).unwrap();

        assert_eq!(core.dispatch(&Context::new(), OuterProcess).await.is_err(), fails);

        let followed = if fails { "rolled back: conflict" } else { "committed" };
        assert_eq!(log.entries(), ["leaf", followed]);
    }
}
