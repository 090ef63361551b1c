//! Callers that leave: what follows the end of a process runs to its end without them.

use std::{
    future::pending,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{self, Wake, Waker},
    time::{Duration, Instant},
};

use dullahan_core::{
    After, BoxFuture, Committed, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind,
    Event, Listener, Observe, Process, Result, RolledBack, Saga, unit_of_work::Spawner,
};
use parking_lot::Mutex;

use crate::support::{
    Log, MemoryStore, Stepper, StoreCall, Watch, give_up_after, pause, put, store_builder,
};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterSaga;

#[derive(Process)]
#[event(output = u32)]
struct CreateUserProcess;

#[derive(Clone, Process)]
#[event(output = u32, repeatable)]
struct CountProcess;

#[derive(Event)]
#[event(output = u32)]
struct IndexUser;

/// Keeps the futures that it is to run until a test runs them.
#[derive(Default, Clone)]
struct Later(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Spawner for Later {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        self.0.lock().push(future);
    }
}

impl Later {
    fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Runs everything to its end.
    fn run(&self) {
        while let Some(future) = { self.0.lock().pop() } {
            Stepper::new(future).finish();
        }
    }
}

/// Gives way, and writes its name.
struct Slowly {
    name: &'static str,
    log: Log,
}

macro_rules! slowly {
    ($($phase:ident)+) => {$(
        impl<E: Event> Listener<$phase<'_, E>> for Slowly {
            async fn call(&self, _: $phase<'_, E>) -> Result<()> {
                pause().await;
                self.log.add(self.name);
                pause().await;
                Ok(())
            }
        }
    )+};
}

slowly!(After Observe Committed RolledBack);

fn wire(log: &Log) -> (CoreBuilder, MemoryStore, Later) {
    let slowly = |name| Slowly { name, log: log.clone() };
    let (mut core, store) = store_builder(log);
    let later = Later::default();
    core.spawner(Arc::new(later.clone()));
    core.declare::<RegisterSaga>()
        .default(async |mut ev: DefaultAction<'_, RegisterSaga>| {
            ev.dispatch(CreateUserProcess).await
        })
        .after(slowly("saga after"))
        .observe(slowly("saga observed"))
        .committed(slowly("saga committed"))
        .rolled_back(slowly("saga rolled back"));
    core.declare::<CreateUserProcess>()
        .before(put("user"))
        .default(async |mut ev: DefaultAction<'_, CreateUserProcess>| ev.dispatch(IndexUser).await)
        .observe(slowly("observed"))
        .committed(slowly("committed"))
        .rolled_back(slowly("rolled back"));
    core.declare::<IndexUser>()
        .default(log.perform("index", 7))
        .committed(slowly("index committed"))
        .rolled_back(slowly("index rolled back"));
    core.declare::<CountProcess>().default(put("count"));
    (core, store, later)
}

/// Runs the saga, leaves after each number of steps, and checks what is left then.
fn leave_everywhere(fails: bool) {
    let undisturbed = {
        let log = Log::new();
        let (mut core, ..) = wire(&log);
        fail_if(&mut core, fails);
        let core = core.build().unwrap();
        assert_eq!(Stepper::new(core.run(RegisterSaga)).finish().is_err(), fails);
        log.entries()
    };
    let (mut completing, mut dropped) = (0, 0);
    for steps in 1.. {
        let log = Log::new();
        let (mut core, store, later) = wire(&log);
        fail_if(&mut core, fails);
        let core = core.build().unwrap();
        let context = Context::new();
        let mut saga = Stepper::new(core.run_in(&context, RegisterSaga));
        if (0..steps).any(|_| saga.step().is_some()) {
            break;
        }
        let is_completing = context.is_completing();
        drop(saga);
        assert_eq!((later.len(), core.pending()), (is_completing.into(), is_completing.into()));
        later.run();
        assert_eq!(core.pending(), 0);
        if is_completing {
            completing += 1;
            assert_eq!(log.entries(), undisturbed, "after {steps} steps");
        } else {
            dropped += 1;
            let entries = log.entries();
            let has_ended = entries.iter().any(|entry| entry == "committed");
            assert_eq!(has_ended, !store.keys().is_empty(), "after {steps} steps: {entries:?}");
            assert!(!entries.iter().any(|entry| entry == "saga observed"));
        }
    }
    assert!(completing > 5 && dropped > 2, "{completing} {dropped}");
}

fn fail_if(core: &mut CoreBuilder, fails: bool) {
    core.event::<CreateUserProcess>().after(move |_: After<'_, CreateUserProcess>| {
        if fails { Err(Error::new(ErrorKind::Conflict)) } else { Ok(()) }
    });
}

#[test]
fn core_03_what_follows_a_commit_runs_to_its_end_though_the_caller_leaves() {
    leave_everywhere(false);
}

#[test]
fn core_03_what_follows_a_rollback_runs_to_its_end_though_the_caller_leaves() {
    leave_everywhere(true);
}

#[test]
fn core_03_a_process_that_is_given_up_by_its_saga_is_completed_all_the_same() {
    for polls in 1.. {
        let log = Log::new();
        let (mut core, store, later) = wire(&log);
        core.event::<RegisterSaga>().override_default(GiveUp(polls));
        let core = core.build().unwrap();

        let gave_up = Stepper::new(core.run(RegisterSaga)).finish().unwrap() == 0;
        later.run();

        let entries = log.entries();
        let count = |name: &str| entries.iter().filter(|entry| *entry == name).count();
        let stored = store.keys().len();
        assert_eq!(count("commit"), stored, "{polls} polls: {entries:?}");
        for name in ["observed", "index committed", "committed"] {
            assert_eq!(count(name), stored, "{polls} polls: {entries:?}");
        }
        assert_eq!((count("saga observed"), count("saga committed")), (1, 1));
        if !gave_up {
            break;
        }
    }
}

/// Gives a process up after so many polls, and answers 0 then.
struct GiveUp(usize);

impl Listener<DefaultAction<'_, RegisterSaga>> for GiveUp {
    async fn call(&self, mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
        give_up_after(self.0, ev.dispatch(CreateUserProcess)).await.unwrap_or(Ok(0))
    }
}

#[test]
fn core_03_a_process_that_loses_at_its_commit_is_not_run_again_without_its_caller() {
    let log = Log::new();
    let (mut core, store, later) = wire(&log);
    core.event::<CountProcess>().rolled_back(log.rolled_back("count rolled back"));
    let core = core.build().unwrap();
    store.lose_next(StoreCall::Commit);
    let context = Context::new();
    let mut process = Stepper::new(core.dispatch(&context, CountProcess));
    while !context.is_completing() {
        assert!(process.step().is_none());
    }
    drop(process);
    later.run();

    assert_eq!(
        log.entries(),
        ["begin", "put count", "commit loses", "count rolled back: unavailable"]
    );
}

#[test]
fn core_03_without_a_spawner_it_is_logged_what_was_lost() {
    let watch = Watch::failures();
    let _listening = watch.listen();
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .committed(Slowly { name: "committed", log: log.clone() });
    let core = core.build().unwrap();
    let context = Context::new();
    let mut process = Stepper::new(core.dispatch(&context, CreateUserProcess));
    while store.keys().is_empty() {
        assert!(process.step().is_none());
    }
    drop(process);

    let [told] = &watch.told()[..] else { panic!("one report") };
    assert_eq!(told["event"], "CreateUserProcess");
    assert!(told["message"].contains("no spawner"), "{told:?}");
    assert_eq!(core.pending(), 0);
}

#[test]
fn core_03_what_the_runtime_drops_is_logged_and_waited_for_no_longer() {
    struct Never;

    impl Spawner for Never {
        fn spawn(&self, future: BoxFuture<'static, ()>) {
            drop(future);
        }
    }

    let watch = Watch::failures();
    let _listening = watch.listen();
    let log = Log::new();
    let (mut core, store, _) = wire(&log);
    core.spawner(Arc::new(Never));
    let core = core.build().unwrap();
    let context = Context::new();
    let mut process = Stepper::new(core.dispatch(&context, CreateUserProcess));
    while store.keys().is_empty() {
        assert!(process.step().is_none());
    }
    drop(process);

    let [told] = &watch.told()[..] else { panic!("one report") };
    assert_eq!(told["event"], "CreateUserProcess");
    assert!(told["message"].contains("the runtime ended"), "{told:?}");
    Stepper::new(core.finish_pending()).finish();
}

/// Counts how often it was woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn core_03_a_stop_is_woken_once_by_the_end_of_the_last_pending_process() {
    let log = Log::new();
    let (mut core, store, _) = wire(&log);
    let later = Later::default();
    core.spawner(Arc::new(later.clone()));
    let core = core.build().unwrap();
    let context = Context::new();
    let mut process = Stepper::new(core.dispatch(&context, CreateUserProcess));
    while store.keys().is_empty() {
        assert!(process.step().is_none());
    }
    drop(process);

    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&wakes));
    let mut task = task::Context::from_waker(&waker);
    let mut stop = pin!(core.finish_pending());
    // Polled twice, as a runtime may, it still waits once.
    assert!(stop.as_mut().poll(&mut task).is_pending());
    assert!(stop.as_mut().poll(&mut task).is_pending());
    assert_eq!(wakes.0.load(Ordering::SeqCst), 0);
    later.run();
    assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
    assert!(stop.as_mut().poll(&mut task).is_ready());
}

/// Spawns on tokio.
struct OnTokio;

impl Spawner for OnTokio {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        tokio::spawn(future);
    }
}

#[tokio::test]
async fn core_03_a_stop_waits_for_what_is_pending_in_overlays_too() {
    let log = Log::new();
    let (mut core, store, _) = wire(&log);
    core.spawner(Arc::new(OnTokio));
    let core = core.build().unwrap();
    let north = core.overlay(|_| {}).unwrap();
    let mut process = Stepper::new(north.run(RegisterSaga));
    while store.keys().is_empty() {
        assert!(process.step().is_none());
    }
    drop(process);
    assert_eq!(core.pending(), 1);

    tokio::time::timeout(Duration::from_secs(10), core.finish_pending()).await.unwrap();

    assert_eq!(core.pending(), 0);
    assert_eq!(log.entries().last().unwrap(), "saga committed");
}

#[tokio::test]
async fn core_03_a_stop_can_limit_how_long_it_waits() {
    let log = Log::new();
    let (mut core, _, _) = wire(&log);
    core.spawner(Arc::new(OnTokio));
    core.event::<CountProcess>()
        .committed(async |_: Committed<'_, CountProcess>| pending::<Result<()>>().await);
    let core: Core = core.build().unwrap();
    let context = Context::new();
    let mut process = Stepper::new(core.dispatch(&context, CountProcess));
    while !context.is_completing() {
        assert!(process.step().is_none());
    }
    drop(process);

    let began = Instant::now();
    let stopped = tokio::time::timeout(Duration::from_millis(50), core.finish_pending()).await;

    assert!(stopped.is_err() && began.elapsed() >= Duration::from_millis(50));
    assert_eq!(core.pending(), 1);
}
