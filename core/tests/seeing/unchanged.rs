//! Looking changes nothing.

mod acting;
mod chance;

use std::{collections::BTreeMap, sync::Arc};

use dullahan_core::{
    Context, Core, CoreBuilder, Error, Event, Outcome,
    monitor::{Dispatch, Monitor},
    trace::{Trace, TracedDispatch},
};
use parking_lot::Mutex;

use self::{
    acting::{Acting, Hook, Inner, Outer, Sample, Work},
    chance::{Chance, Plan},
};
use crate::support::{Log, MemoryStore, Watch};

/// How many wirings are tried.
const WIRINGS: u64 = 600;

/// Who looks.
#[derive(Debug, Clone, Copy, Default)]
struct Looking {
    trace: bool,
    monitor: bool,
    spans: bool,
    spans_of_listeners: bool,
}

/// Whatever can be told of a run from outside.
#[derive(Debug, PartialEq)]
struct Seen {
    result: Result<u32, String>,
    /// What the listeners and the store did, in order.
    log: Vec<String>,
    stored: BTreeMap<String, String>,
}

/// What a run showed to those who looked.
struct Shown {
    trace: Option<Trace>,
    monitored: Vec<String>,
    spans: Vec<String>,
}

/// Notes what it is told.
#[derive(Default)]
struct Noting(Mutex<Vec<String>>);

impl Monitor for Noting {
    fn entered(&self, dispatch: &Dispatch<'_>) {
        self.0.lock().push(dispatch.event().to_owned());
    }

    fn left(&self, _: &Dispatch<'_>, outcome: Outcome<'_>) {
        self.0.lock().push(match outcome {
            Outcome::Completed(()) => "completed".to_owned(),
            Outcome::Prevented { .. } => "prevented".to_owned(),
            Outcome::Failed(error) => error.code().to_owned(),
        });
    }
}

fn wire<E: Sample>(core: &mut CoreBuilder, plan: &Plan, log: &Log, store: &MemoryStore) {
    core.declare::<E>();
    for (number, planned) in plan.of(E::NAME).iter().enumerate() {
        let name = format!("{} {} {number}", E::NAME, planned.phase.as_str());
        let acting = Acting::new(&name, planned.doing, log, store);
        acting.register(core.event::<E>(), planned.phase, planned.priority, planned.holds);
    }
}

async fn run(plan: &Plan, looking: Looking) -> (Seen, Shown) {
    let log = Log::new();
    let store = MemoryStore::new(&log);
    let monitor = Arc::new(Noting::default());
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    if looking.monitor {
        core.monitor(Arc::clone(&monitor) as Arc<dyn Monitor>);
    }
    wire::<Outer>(&mut core, plan, &log, &store);
    wire::<Work>(&mut core, plan, &log, &store);
    wire::<Inner>(&mut core, plan, &log, &store);
    wire::<Hook>(&mut core, plan, &log, &store);
    let core = core.build().unwrap();
    let context = if looking.trace { Context::new().with_trace() } else { Context::new() };
    let watch = match looking {
        Looking { spans_of_listeners: true, .. } => Watch::listeners(),
        Looking { spans: true, .. } => Watch::dispatches(),
        _ => Watch::failures(),
    };
    let listening = watch.listen();
    let result = core.run_in(&context, Outer).await;
    drop(listening);
    let seen = Seen {
        result: result.map_err(|error| told(&error)),
        log: log.entries(),
        stored: store.committed(),
    };
    let monitored = std::mem::take(&mut *monitor.0.lock());
    (seen, Shown { trace: context.trace(), monitored, spans: watch.closed_spans() })
}

/// Everything that an error says.
fn told(error: &Error) -> String {
    format!("{error} {:?} {} {:?}", error.kind(), error.code(), error.violations())
}

#[tokio::test]
async fn tracing_changes_nothing() {
    let off = Looking::default();
    let all = Looking { trace: true, monitor: true, spans: true, spans_of_listeners: true };
    let (mut succeeded, mut failed) = (0, 0);
    for seed in 0..WIRINGS {
        let plan = Plan::by(&mut Chance::new(seed));
        let (expected, _) = run(&plan, off).await;
        match &expected.result {
            Ok(_) => succeeded += 1,
            Err(_) => failed += 1,
        }
        for looking in [
            Looking { trace: true, ..off },
            Looking { monitor: true, ..off },
            Looking { spans: true, ..off },
            Looking { spans_of_listeners: true, ..off },
            all,
        ] {
            let (seen, shown) = run(&plan, looking).await;
            assert_eq!(seen, expected, "wiring {seed}, {looking:?}\n{plan:#?}");
            assert!(looking.trace || shown.trace.is_none());
        }
        let (seen, shown) = run(&plan, all).await;
        agree(&seen, &shown)
            .unwrap_or_else(|problem| panic!("wiring {seed}: {problem}\n{plan:#?}"));
    }
    assert!(succeeded > WIRINGS / 5, "{succeeded} wirings succeeded");
    assert!(failed > WIRINGS / 5, "{failed} wirings failed");
}

/// Whether what the trace, the monitor and the spans told is what the listeners did.
fn agree(seen: &Seen, shown: &Shown) -> Result<(), String> {
    let trace = shown.trace.as_ref().ok_or("no trace")?;
    let mut dispatches = Vec::new();
    for dispatch in &trace.dispatches {
        flatten(dispatch, &mut dispatches);
    }
    let mut calls = BTreeMap::<&str, usize>::new();
    for dispatch in &dispatches {
        for listener in &dispatch.listeners {
            *calls.entry(&listener.name).or_default() += listener.calls as usize;
            if listener.fate.was_called() != (listener.calls > 0) {
                return Err(format!("called or not? {listener:?}"));
            }
        }
        let both = dispatch.called().count() + dispatch.not_called().count();
        if both != dispatch.listeners.len() {
            return Err(format!("no partition: {dispatch:?}"));
        }
    }
    for (name, calls) in calls {
        let logged = seen.log.iter().filter(|entry| *entry == name).count();
        if logged != calls {
            return Err(format!("{name} ran {logged} times, and the trace says {calls}"));
        }
    }
    let count = dispatches.len();
    if shown.monitored.len() != 2 * count {
        return Err(format!("{count} dispatches, and the monitor was told {:?}", shown.monitored));
    }
    let spans = shown.spans.iter().filter(|span| !span.ends_with(" listener")).count();
    if spans != count {
        return Err(format!("{count} dispatches, and these spans: {:?}", shown.spans));
    }
    let mut outcomes: Vec<_> = dispatches.iter().map(|one| one.outcome.as_ref()).collect();
    let events = [Outer::NAME, Work::NAME, Inner::NAME, Hook::NAME];
    let mut left: Vec<_> =
        shown.monitored.iter().map(String::as_str).filter(|told| !events.contains(told)).collect();
    outcomes.sort_unstable();
    left.sort_unstable();
    if outcomes != left {
        return Err(format!("the trace says {outcomes:?}, the monitor {left:?}"));
    }
    Ok(())
}

fn flatten<'t>(dispatch: &'t TracedDispatch, into: &mut Vec<&'t TracedDispatch>) {
    into.push(dispatch);
    dispatch.children.iter().for_each(|child| flatten(child, into));
}
