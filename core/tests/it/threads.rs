//! One core and many threads.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use dullahan_core::{
    After, Before, Context, Core, CoreBuilder, DefaultAction, Event, Inject, Process, Result,
};

use crate::support::{Log, MemoryStore, Stepper, pause};

const THREADS: usize = 8;
const ROUNDS: usize = 50;

#[derive(Event)]
#[event(output = usize, preventable)]
struct Square(usize);

#[derive(Event)]
#[event(output = usize)]
struct SquareSoon(usize);

#[derive(Process)]
struct StoreProcess {
    key: String,
    fails: bool,
}

fn square(ev: DefaultAction<'_, Square>) -> Result<usize> {
    Ok(ev.0 * ev.0)
}

async fn square_soon(mut ev: DefaultAction<'_, SquareSoon>) -> Result<usize> {
    pause().await;
    let number = ev.0;
    ev.dispatch(Square(number)).await
}

/// Runs on so many threads at once, each with its number.
fn on_threads(run: impl Fn(usize) + Sync) {
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (barrier, run) = (&barrier, &run);
            scope.spawn(move || {
                barrier.wait();
                run(number);
            });
        }
    });
}

/// What a thread put into its own context.
#[derive(Clone)]
struct Owner(usize);

#[test]
fn dispatches_of_many_threads_do_not_mix() {
    let mut core = Core::builder();
    core.declare::<Square>()
        .before(|mut ev: Before<'_, Square>| {
            if ev.0 == 3 {
                ev.respond(0);
            }
            Ok(())
        })
        .default(square)
        .after(|ev: After<'_, Square>| {
            assert_eq!(ev.was_default_prevented(), ev.0 == 3);
            assert_eq!(ev.context().get::<Owner>().unwrap().0, ev.0);
            Ok(())
        });
    core.declare::<SquareSoon>().default(square_soon);
    let core = core.build().unwrap();

    on_threads(|number| {
        for _ in 0..ROUNDS {
            let context = Context::new();
            context.insert(Owner(number));
            let expected = if number == 3 { 0 } else { number * number };
            let at_once = core.dispatch(&context, Square(number));
            assert_eq!(Stepper::new(at_once).finish().unwrap(), expected);
            let soon = core.dispatch(&context, SquareSoon(number));
            assert_eq!(Stepper::new(soon).finish().unwrap(), expected);
        }
    });
}

/// An event that no other test declares, so that its number is given out here.
#[derive(Event)]
#[event(output = usize)]
struct FirstSeenHere;

#[test]
fn cores_that_are_sealed_at_the_same_time_agree_on_the_events() {
    on_threads(|number| {
        let mut core = Core::builder();
        core.declare::<FirstSeenHere>()
            .default(move |_: DefaultAction<'_, FirstSeenHere>| Ok(number));
        core.declare::<Square>().default(square);
        let core = core.build().unwrap();
        let context = Context::new();

        let given = core.dispatch(&context, FirstSeenHere);
        assert_eq!(Stepper::new(given).finish().unwrap(), number);
        let given = core.dispatch(&context, Square(number));
        assert_eq!(Stepper::new(given).finish().unwrap(), number * number);
    });
}

#[test]
fn a_context_may_be_shared_by_threads() {
    #[derive(Clone)]
    struct Counter(Arc<AtomicUsize>);

    let mut core = Core::builder();
    core.declare::<Square>().default(square).after(|ev: After<'_, Square>| {
        let Counter(counter) = ev.context().get::<Counter>().unwrap();
        counter.fetch_add(1, Ordering::Relaxed);
        ev.context().response(|head| head.headers.append("x-seen", ev.0.into()));
        Ok(())
    });
    let core = core.build().unwrap();
    let counter = Arc::new(AtomicUsize::new(0));
    let context = Context::new();
    context.insert(Counter(Arc::clone(&counter)));

    on_threads(|number| {
        for _ in 0..ROUNDS {
            Stepper::new(core.dispatch(&context, Square(number))).finish().unwrap();
        }
    });

    assert_eq!(counter.load(Ordering::Relaxed), THREADS * ROUNDS);
    assert_eq!(context.response(|head| head.headers.len()), THREADS * ROUNDS);
}

async fn store_it(
    ev: DefaultAction<'_, StoreProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), format!("{} begun", ev.key), "1").await?;
    pause().await;
    store.put(ev.context(), ev.key.clone(), "1").await
}

fn fail_if_asked(ev: After<'_, StoreProcess>) -> Result<()> {
    if ev.fails { Err(dullahan_core::Error::internal("asked to")) } else { Ok(()) }
}

fn storing(core: &mut CoreBuilder) {
    core.declare::<StoreProcess>().default(store_it).after(fail_if_asked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_of_many_tasks_have_units_of_work_of_their_own() {
    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(storing);
    let core = core.build().unwrap();

    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let core = core.clone();
            let process = StoreProcess { key: format!("{number:03}"), fails: number % 3 == 0 };
            tokio::spawn(async move { core.dispatch(&Context::new(), process).await })
        })
        .collect();
    let mut succeeded = Vec::new();
    for (number, task) in tasks.into_iter().enumerate() {
        if task.await.unwrap().is_ok() {
            succeeded.push(format!("{number:03}"));
            succeeded.push(format!("{number:03} begun"));
        }
    }

    assert_eq!(succeeded.len(), 2 * 133);
    assert_eq!(store.keys(), succeeded);
    let count = |what: &str| log.entries().iter().filter(|entry| *entry == what).count();
    assert_eq!((count("begin"), count("commit"), count("rollback")), (200, 133, 67));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_that_are_aborted_leave_nothing_behind() {
    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(storing);
    let core = core.build().unwrap();

    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let core = core.clone();
            let process = StoreProcess { key: format!("{number:03}"), fails: false };
            tokio::spawn(async move { core.dispatch(&Context::new(), process).await })
        })
        .collect();
    for task in tasks.iter().step_by(2) {
        task.abort();
    }
    let mut lost = 0;
    for task in tasks {
        lost += usize::from(task.await.is_err());
    }

    let count = |what: &str| log.entries().iter().filter(|entry| *entry == what).count();
    assert_eq!(count("begin"), count("commit") + count("rollback by drop"));
    assert!(count("commit") >= 100 - lost);
    assert_eq!(store.keys().len(), 2 * count("commit"), "each whole or not at all");
}
