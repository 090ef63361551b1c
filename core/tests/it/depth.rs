//! How deeply dispatches and wraps nest: the greatest numbers hold on a stack of 2 MiB, in a debug build.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use dullahan_core::{
    After, Before, Committed, Context, Core, CoreBuilder, DefaultAction, Event, Listener,
    ListenerOptions as _, Observe, Process, Result, Saga, Wrap, defect::Defect,
};

use crate::support::{Log, MemoryStore, Stepper, Watch, pause};

#[derive(Process)]
#[event(output = u32)]
struct AgainProcess;

#[derive(Event)]
#[event(output = u32)]
struct AgainEvent;

#[derive(Saga)]
#[event(output = u32)]
struct AgainSaga;

/// How a listener starts its own event again.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Event,
    WithValue,
    Process,
    Savepoint,
    Saga,
}

/// A listener that starts its own event again, without end, and counts how often it was called.
#[derive(Clone)]
struct Again {
    how: How,
    calls: Arc<AtomicUsize>,
}

macro_rules! again {
    ($($handle:ident -> $output:ty, $give:expr;)*) => {
        $(impl<E: Event<Output = u32>> Listener<$handle<'_, E>> for Again {
            async fn call(&self, mut ev: $handle<'_, E>) -> Result<$output> {
                self.calls.fetch_add(1, Ordering::Relaxed);
                pause().await;
                let output: u32 = match self.how {
                    How::Event => ev.dispatch(AgainEvent).await?,
                    How::WithValue => ev.with(7_u8).dispatch(AgainEvent).await?,
                    How::Process => ev.dispatch(AgainProcess).await?,
                    How::Savepoint => ev.dispatch_in_savepoint(AgainProcess).await?,
                    How::Saga => ev.run(AgainSaga).await?,
                };
                let give: fn(u32) -> $output = $give;
                Ok(give(output))
            }
        })*
    };
}

again! {
    Before -> (), |_| ();
    DefaultAction -> u32, |output| output;
    After -> (), |_| ();
    Observe -> (), |_| ();
    Committed -> (), |_| ();
}

/// The phase in which the listener is.
const PHASES: [&str; 5] = ["before", "default", "after", "observe", "committed"];

struct Around;

impl<E: Event> Listener<Wrap<'_, E>> for Around {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<E::Output> {
        let output = ev.next().await?;
        pause().await;
        Ok(output)
    }
}

/// An event that starts itself again in this phase, inside of so many wraps.
fn declare<E: Event<Output = u32>>(
    core: &mut CoreBuilder,
    again: Again,
    phase: &str,
    wraps: usize,
) {
    let mut event = core.declare::<E>().observe(|_: Observe<'_, E>| Ok(()));
    for number in 0..wraps {
        event = event.wrap(Around.named(format!("wrap {number}")));
    }
    let give = |_: DefaultAction<'_, E>| Ok(7);
    match phase {
        "before" => event.before(again).default(give),
        "default" => event.default(again),
        "after" => event.after(again).default(give),
        "observe" => event.observe(again).default(give),
        _ => event.committed(again).default(give),
    };
}

/// Starts an event that starts itself again until it is too deep; how often it was called.
fn run(how: How, phase: &str, wraps: usize, max_depth: usize, is_watched: bool) -> usize {
    let calls = Arc::new(AtomicUsize::new(0));
    let again = Again { how, calls: Arc::clone(&calls) };
    let mut core = Core::builder();
    core.max_depth(max_depth).units_of_work(MemoryStore::new(&Log::new()).provider());
    declare::<AgainEvent>(&mut core, again.clone(), phase, wraps);
    declare::<AgainProcess>(&mut core, again.clone(), phase, wraps);
    declare::<AgainSaga>(&mut core, again, phase, wraps);
    let core = core.build().unwrap();
    let watch = Watch::listeners();
    let _listening = is_watched.then(|| watch.listen());
    let context = if is_watched { Context::new().with_trace() } else { Context::new() };

    let result = match how {
        How::Event | How::WithValue => Stepper::new(core.dispatch(&context, AgainEvent)).finish(),
        How::Process | How::Savepoint => {
            Stepper::new(core.dispatch(&context, AgainProcess)).finish()
        }
        How::Saga => Stepper::new(core.run_in(&context, AgainSaga)).finish(),
    };

    if ["before", "default", "after"].contains(&phase) {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(&format!("deeper than {max_depth}")), "{error}");
    }
    calls.load(Ordering::Relaxed)
}

/// Does something on a stack of 2 MiB, whatever the environment says of the stacks of threads.
fn on_two_mebibytes(act: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(act).unwrap();
    thread.join().unwrap();
}

#[test]
fn core_18_the_greatest_depth_fits_on_a_stack_of_two_mebibytes() {
    on_two_mebibytes(|| {
        for how in [How::Event, How::WithValue, How::Process, How::Savepoint, How::Saga] {
            for phase in PHASES {
                for is_watched in [false, true] {
                    let calls = run(how, phase, 0, 32, is_watched);
                    let expected = if phase == "committed" && how != How::Saga { 1 } else { 32 };
                    assert!(calls >= expected, "{how:?} in {phase}: {calls}");
                }
            }
        }
    });
}

#[test]
fn core_18_wraps_count_and_as_many_as_are_allowed_fit() {
    on_two_mebibytes(|| {
        for how in [How::Event, How::Process, How::Savepoint, How::Saga] {
            for is_watched in [false, true] {
                for (wraps, expected) in [(1, 26), (4, 16), (128, 1)] {
                    let calls = run(how, "default", wraps, 32, is_watched);
                    assert!(
                        calls.abs_diff(expected) <= 1,
                        "{how:?} with {wraps} wraps: {calls}, and {expected} were expected"
                    );
                }
            }
        }
    });
}

#[test]
fn core_18_what_does_not_fit_is_refused_when_it_is_built() {
    let mut core = Core::builder();
    core.max_depth(10_000);
    let error = core.build().unwrap_err();
    assert!(
        matches!(error.defects(), [Defect::MaxDepth { max_depth: 10_000, greatest: 32, .. }]),
        "{error}"
    );
    assert!(error.to_string().contains("depth.rs"), "{error}");

    let mut core = Core::builder();
    let again = Again { how: How::Event, calls: Arc::default() };
    declare::<AgainEvent>(&mut core, again, "default", 2_000);
    let error = core.build().unwrap_err();
    assert!(
        matches!(error.defects(), [Defect::TooManyWraps { wraps: 2_000, most: 96, .. }]),
        "{error}"
    );
    assert!(error.to_string().contains("`AgainEvent` has 2000 wraps"), "{error}");
}

/// The event that the public report was about.
#[test]
fn pub_18_a_listener_that_dispatches_its_own_event_ends_with_an_error_at_the_default_depth() {
    on_two_mebibytes(|| {
        assert_eq!(run(How::Event, "default", 0, 24, false), 25);
    });
}
