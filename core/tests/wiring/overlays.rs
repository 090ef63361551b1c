//! A core of its own with more listeners laid over a sealed one.

mod defects;
mod ordering;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use dullahan_core::{
    After, Before, Context, Core, CoreBuilder, DefaultAction, Event, Inject, Listener,
    ListenerOptions as _, Process, Result, Saga,
    monitor::{Dispatch, Monitor},
    phase::PhaseName,
};

use crate::support::{Log, MemoryStore, put, store_builder};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterUserSaga;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct HashPassword;

/// An event that the base does not know.
#[derive(Event)]
struct Welcome;

/// A saga, a process and an event in it, with a listener before and after each default.
fn base(log: &Log) -> (Core, MemoryStore) {
    async fn register(mut ev: DefaultAction<'_, RegisterUserSaga>) -> Result<u32> {
        ev.dispatch(CreateUserProcess).await
    }

    async fn hash(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(HashPassword).await.map(drop)
    }

    let (mut core, store) = store_builder(log);
    core.module(|core: &mut CoreBuilder| {
        core.declare::<RegisterUserSaga>().default(register);
        core.declare::<CreateUserProcess>()
            .before(hash)
            .default(put("user").named("create"))
            .committed(log.committed("committed"));
        core.declare::<HashPassword>()
            .before(log.before("base 10").priority(10).named("base 10"))
            .before(log.before("base 0").named("base 0"))
            .default(log.perform("argon", 1).named("argon"))
            .after(log.after("base after"));
    });
    (core.build().unwrap(), store)
}

/// Whatever runs on the event, in order.
fn order(core: &Core, event: &str) -> Vec<String> {
    let description = core.describe().only(event).unwrap();
    description.events[0].listeners.iter().map(|listener| listener.name.clone()).collect()
}

async fn hash(core: &Core) -> u32 {
    core.dispatch(&Context::new(), HashPassword).await.unwrap()
}

#[tokio::test]
async fn overlay_listener_runs_only_in_its_overlay() {
    let log = Log::new();
    let (core, _) = base(&log);
    let before = core.describe().to_json();

    let north = core
        .overlay(|north| {
            north
                .event::<HashPassword>()
                .before(log.before("north 5").priority(5))
                .before(log.before("north 0"))
                .before(log.before("north 10").priority(10))
                .after(log.after("north after").priority(1));
        })
        .unwrap();

    assert_eq!(core.describe().to_json(), before, "the base is unchanged");
    hash(&north).await;
    assert_eq!(
        log.take(),
        [
            "base 10",
            "north 10",
            "north 5",
            "base 0",
            "north 0",
            "argon",
            "north after",
            "base after"
        ],
        "by priority across both, those of the overlay after those of the base"
    );
    hash(&core).await;
    assert_eq!(log.take(), ["base 10", "base 0", "argon", "base after"]);
}

#[tokio::test]
async fn overlays_lie_side_by_side_and_on_top_of_one_another() {
    let log = Log::new();
    let (core, _) = base(&log);
    let laid_over = |core: &Core, name: &'static str| {
        core.overlay(|tenant| {
            tenant.event::<HashPassword>().before(log.before(name).named(name));
        })
        .unwrap()
    };

    let north = laid_over(&core, "north");
    let south = laid_over(&core, "south");
    let far_north = laid_over(&north, "far north");

    for (core, expected) in [
        (&north, vec!["base 10", "base 0", "north"]),
        (&south, vec!["base 10", "base 0", "south"]),
        (&far_north, vec!["base 10", "base 0", "north", "far north"]),
        (&core, vec!["base 10", "base 0"]),
    ] {
        hash(core).await;
        let ran = log.take();
        assert_eq!(ran.split(|entry| entry == "argon").next().unwrap(), expected);
    }
    let (one, two) = tokio::join!(hash(&north), hash(&south));
    assert_eq!((one, two), (1, 1));
    let ran = log.take();
    assert_eq!(ran.iter().filter(|entry| *entry == "north").count(), 1);
    assert_eq!(ran.iter().filter(|entry| *entry == "south").count(), 1);
}

#[tokio::test]
async fn a_saga_in_an_overlay_dispatches_within_the_overlay() {
    let log = Log::new();
    let (core, store) = base(&log);
    let north = core
        .overlay(|north| {
            north.event::<HashPassword>().before(log.before("north"));
            north
                .event::<CreateUserProcess>()
                .after(put("north"))
                .committed(log.committed("north committed"));
        })
        .unwrap();

    north.run(RegisterUserSaga).await.unwrap();

    assert_eq!(
        log.take(),
        [
            "base 10",
            "base 0",
            "north",
            "argon",
            "base after",
            "begin",
            "put user",
            "put north",
            "commit",
            "committed",
            "north committed",
        ],
        "in one unit of work, the one of the base's store"
    );
    assert_eq!(store.keys(), ["north", "user"]);
    core.run(RegisterUserSaga).await.unwrap();
    assert!(!log.entries().iter().any(|entry| entry.contains("north")));
}

#[tokio::test]
async fn override_default_in_an_overlay() {
    let log = Log::new();
    let (core, _) = base(&log);

    let north = core
        .overlay(|north| {
            north
                .event::<HashPassword>()
                .override_default(log.perform("bcrypt", 2).named("bcrypt"));
        })
        .unwrap();
    let far_north = north
        .overlay(|north| {
            north
                .event::<HashPassword>()
                .override_default(log.perform("scrypt", 3).named("scrypt"));
        })
        .unwrap();

    assert_eq!((hash(&core).await, hash(&north).await, hash(&far_north).await), (1, 2, 3));
    let overridden = |core: &Core| {
        let listeners = core.describe().only("HashPassword").unwrap().events.remove(0).listeners;
        let default = listeners.into_iter().find(|one| one.phase == PhaseName::Default).unwrap();
        (default.name, default.overrides)
    };
    assert_eq!(overridden(&core), ("argon".to_owned(), None));
    assert_eq!(overridden(&north), ("bcrypt".to_owned(), Some("argon".to_owned())));
    assert_eq!(overridden(&far_north), ("scrypt".to_owned(), Some("bcrypt".to_owned())));
}

/// A port of which each tenant has its own adapter.
trait Greeting: Send + Sync {
    fn text(&self) -> String;
}

struct Fixed(&'static str);

impl Greeting for Fixed {
    fn text(&self) -> String {
        self.0.to_owned()
    }
}

fn greet(
    _: Before<'_, HashPassword>,
    greeting: Inject<'_, dyn Greeting>,
    log: Inject<'_, Log>,
) -> Result<()> {
    log.add(greeting.text());
    Ok(())
}

#[tokio::test]
async fn an_overlay_has_the_services_of_the_base_and_may_provide_more() {
    let log = Log::new();
    let (core, _) = base(&log);
    let tenant = |greeting: &'static str| {
        core.overlay(|tenant| {
            tenant.provide::<dyn Greeting>(Arc::new(Fixed(greeting)));
            tenant.event::<HashPassword>().before(greet);
        })
        .unwrap()
    };

    let (north, south) = (tenant("moin"), tenant("servus"));

    hash(&north).await;
    hash(&south).await;
    let greeted: Vec<_> =
        log.take().into_iter().filter(|one| one == "moin" || one == "servus").collect();
    assert_eq!(greeted, ["moin", "servus"]);
    assert!(core.services().get::<dyn Greeting>().is_none());
    assert_eq!(north.services().get::<dyn Greeting>().unwrap().text(), "moin");
    assert!(north.services().get::<Log>().is_some());
}

/// Counts how often it was called.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicU32>);

impl Listener<After<'_, Welcome>> for Counting {
    async fn call(&self, _: After<'_, Welcome>) -> Result<()> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn the_listeners_are_the_same_ones() {
    let made = Arc::new(AtomicU32::new(0));
    let counting = Counting::default();
    let mut core = Core::builder();
    let (counted, count) = (Arc::clone(&made), counting.clone());
    core.declare::<Welcome>().after(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        count.clone()
    });
    let core = core.build().unwrap();

    let overlay = core.overlay(|_| {}).unwrap();
    core.dispatch(&Context::new(), Welcome).await.unwrap();
    overlay.dispatch(&Context::new(), Welcome).await.unwrap();

    assert_eq!(made.load(Ordering::Relaxed), 1, "made once");
    assert_eq!(counting.0.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_overlay_may_declare_events_and_add_modules() {
    fn welcomes(core: &mut CoreBuilder) {
        core.declare::<Welcome>();
    }

    let log = Log::new();
    let (core, _) = base(&log);

    let north = core
        .overlay(|north| {
            north.module(welcomes);
            north.event::<Welcome>().before(log.before("welcome"));
        })
        .unwrap();

    north.dispatch(&Context::new(), Welcome).await.unwrap();
    assert_eq!(log.entries(), ["welcome"]);
    assert!(core.dispatch(&Context::new(), Welcome).await.is_err(), "the base does not know it");
    assert_eq!(north.describe().modules.len(), core.describe().modules.len() + 1);
    assert_eq!(north.describe().events.len(), core.describe().events.len() + 1);
}

#[tokio::test]
async fn conditions_monitors_and_the_depth_are_those_of_the_base() {
    struct Noting(Log, &'static str);

    impl Monitor for Noting {
        fn entered(&self, dispatch: &Dispatch<'_>) {
            self.0.add(format!("{} {}", self.1, dispatch.event()));
        }
    }

    #[derive(Clone)]
    struct Open;

    let log = Log::new();
    let mut core = Core::builder();
    core.max_depth(3).monitor(Arc::new(Noting(log.clone(), "base sees")));
    core.declare::<Welcome>()
        .before(log.before("on a condition").when(|context| context.get::<Open>().is_some()))
        .after(async |mut ev: After<'_, Welcome>| {
            let deeper = ev.dispatch(Welcome).await;
            if ev.chain().len() == 4 {
                assert!(deeper.is_err());
            }
            Ok(())
        });
    let core = core.build().unwrap();
    let north = core
        .overlay(|north| {
            north.monitor(Arc::new(Noting(log.clone(), "north sees")));
        })
        .unwrap();

    north.dispatch(&Context::new(), Welcome).await.unwrap();
    assert_eq!(log.take(), ["base sees Welcome", "north sees Welcome"].repeat(4));

    let open = Context::new();
    open.insert(Open);
    north.dispatch(&open, Welcome).await.unwrap();
    assert_eq!(log.take().iter().filter(|entry| *entry == "on a condition").count(), 4);

    core.dispatch(&Context::new(), Welcome).await.unwrap();
    assert_eq!(log.take(), ["base sees Welcome"].repeat(4));
}

#[test]
fn two_closures_of_one_place_are_still_two_listeners() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Welcome>();
    for name in ["one", "two"] {
        core.event::<Welcome>().before(log.before(name));
    }
    let core = core.build().unwrap();

    let overlay = core.overlay(|_| {}).unwrap();

    assert_eq!(overlay.describe().events[0].listeners.len(), 2);
}

#[test]
fn an_overlay_shows_what_it_added_and_who_asks_for_what() {
    let log = Log::new();
    let (core, _) = base(&log);
    let north = core
        .overlay(|north| {
            north.provide::<dyn Greeting>(Arc::new(Fixed("moin")));
            north.event::<HashPassword>().before(greet);
        })
        .unwrap();

    let north = north.overlay(|_| {}).unwrap().describe().only("HashPassword").unwrap();

    let greeting = north.events[0].listeners.iter().find(|one| one.name.ends_with("greet"));
    let ports: Vec<_> =
        greeting.unwrap().ports.iter().map(dullahan_core::service::Port::name).collect();
    assert_eq!(ports, ["dyn wiring::overlays::Greeting", "wiring::support::log::Log"]);
    assert_eq!(greeting.unwrap().module, "application");
    assert_eq!(north.services.len(), 2, "{north}");
}

#[tokio::test]
async fn core_15_an_optional_listener_of_the_base_listens_where_an_overlay_declares_its_event() {
    let log = Log::new();
    let mut core = Core::builder();
    core.event::<Welcome>().before(log.before("base").optional());
    core.event::<HashPassword>().before(greet.optional());
    core.provide(Arc::new(log.clone()));
    let core = core.build().unwrap();
    assert!(core.describe().events.is_empty());

    let welcoming = core
        .overlay(|overlay| {
            overlay.declare::<Welcome>();
        })
        .unwrap();
    welcoming.dispatch(&Context::new(), Welcome).await.unwrap();
    assert_eq!(log.take(), ["base"]);

    let tenant = |greeting: &'static str| {
        core.overlay(|tenant| {
            tenant.provide::<dyn Greeting>(Arc::new(Fixed(greeting)));
            tenant.declare::<HashPassword>().default(log.perform("argon", 1));
        })
        .unwrap()
    };
    let (north, south) = (tenant("moin"), tenant("servus"));
    hash(&north).await;
    hash(&south).await;
    assert_eq!(log.take(), ["moin", "argon", "servus", "argon"], "each with its own service");
    let over_north = north.overlay(|_| {}).unwrap();
    hash(&over_north).await;
    assert_eq!(log.take(), ["moin", "argon"]);
}
