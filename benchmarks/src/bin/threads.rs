//! What a second thread costs that dispatches at the same time.
//!
//! Each thread's own clock counts, so another program does not; and only turns in which both threads really ran
//! at once, which on a busy machine not all do.
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::{
    hint::{black_box, spin_loop},
    sync::{
        Arc, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

#[cfg(feature = "peers")]
use dullahan_benchmarks::peers::{EventBus, ModEvents};
use dullahan_benchmarks::{
    Add, Loop, Table, dispatch, median, statically, sync_listeners, thread_time, turns,
};
use dullahan_core::Context;

/// How many listeners there are.
const LISTENERS: usize = 4;

/// How long a try takes, roughly: little, so that few are interrupted.
const TRY: Duration = Duration::from_micros(100);

/// How many tries a turn has, of which those count in which nobody was interrupted.
const TRIES: usize = 20;

/// One of those who are measured: makes, for each thread, what that thread does so many times.
struct Contender {
    name: &'static str,
    make: Box<dyn Fn() -> Box<dyn Fn(u64) + Send>>,
}

impl Contender {
    fn new<W: Fn(u64) + Send + 'static>(
        name: &'static str,
        make: impl Fn() -> W + 'static,
    ) -> Self {
        Self { name, make: Box::new(move || Box::new(make())) }
    }
}

/// What a column shows of one contender's turns, each with one thread and with two.
type Cell<'a> = &'a dyn Fn(&[(f64, f64)]) -> String;

fn main() {
    let contenders = contenders();
    let repeats: Vec<u64> = contenders.iter().map(calibrate).collect();
    let mut taken: Vec<Vec<(f64, f64)>> = vec![Vec::new(); contenders.len()];
    for turn in 0..turns() {
        for offset in 0..contenders.len() {
            let index = (turn + offset) % contenders.len();
            let one = side_by_side::<1>(&contenders[index], repeats[index]);
            let two = side_by_side::<2>(&contenders[index], repeats[index]);
            taken[index].extend(one.zip(two));
        }
    }
    let mut table = Table::new(format!("ns a dispatch, N={LISTENERS}"));
    let mut column = |head, cell: Cell<'_>| {
        table.column(
            head,
            contenders.iter().zip(&taken).map(|(one, taken)| (one.name, cell(taken))),
        );
    };
    column("one thread", &|taken| format!("{:.1}", median(taken.iter().map(|t| t.0).collect())));
    column("two threads", &|taken| format!("{:.1}", median(taken.iter().map(|t| t.1).collect())));
    column("ratio", &|taken| format!("{:.2}", median(taken.iter().map(|t| t.1 / t.0).collect())));
    column("turns that counted", &|taken| taken.len().to_string());
    println!("{table}");
}

fn contenders() -> Vec<Contender> {
    let listeners = Arc::new(Loop::new(LISTENERS));
    let (unlocked, counted) = (Arc::clone(&listeners), listeners);
    let locked = Arc::new(RwLock::new(Loop::new(LISTENERS)));
    let core = sync_listeners(LISTENERS);
    let shared: &'static _ = Box::leak(Box::new(sync_listeners(LISTENERS)));
    let context: &'static _ = Box::leak(Box::new(Context::new()));
    #[cfg(feature = "peers")]
    let (bus, events) = (Arc::new(EventBus::new(LISTENERS)), Arc::new(ModEvents::new(LISTENERS)));
    vec![
        Contender::new("limit: static calls", || statically(LISTENERS)),
        Contender::new("loop, 8 call sites", move || {
            let listeners = Arc::clone(&unlocked);
            move |repeats| listeners.in_eights(repeats)
        }),
        Contender::new("same, an `Arc` cloned for each dispatch", move || {
            let listeners = Arc::clone(&counted);
            move |repeats| {
                for _ in 0..repeats {
                    let listeners = Arc::clone(&listeners);
                    black_box(listeners.once(&mut Add { sum: black_box(1) }).is_ok());
                }
            }
        }),
        Contender::new("same, behind a `RwLock`", move || {
            let listeners = Arc::clone(&locked);
            move |repeats| {
                for _ in 0..repeats {
                    let listeners = listeners.read().expect("nobody panics with the lock");
                    black_box(listeners.once(&mut Add { sum: black_box(1) }).is_ok());
                }
            }
        }),
        Contender::new("**ours**, a clone and a context for each thread", move || {
            let (core, context) = (core.clone(), Context::new());
            move |repeats| dispatch(&core, &context, repeats)
        }),
        Contender::new("**ours**, one reference for all, a context for each thread", move || {
            let context = Context::new();
            move |repeats| dispatch(shared, &context, repeats)
        }),
        Contender::new("**ours**, one reference and one context for all", move || {
            move |repeats| dispatch(shared, context, repeats)
        }),
        #[cfg(feature = "peers")]
        Contender::new("event-bus 0.1", move || {
            let bus = Arc::clone(&bus);
            move |repeats| bus.dispatch(repeats)
        }),
        #[cfg(feature = "peers")]
        Contender::new("mod-events 1.1", move || {
            let events = Arc::clone(&events);
            move |repeats| events.dispatch(repeats)
        }),
    ]
}

/// The nanoseconds that one dispatch takes on so many threads at once; `None` if they never ran at once.
fn side_by_side<const THREADS: usize>(contender: &Contender, repeats: u64) -> Option<f64> {
    let works: [_; THREADS] = std::array::from_fn(|_| (contender.make)());
    let start = Start::default();
    let runs: [Vec<Run>; THREADS] = thread::scope(|scope| {
        let start = &start;
        let threads = works.map(|work| {
            scope.spawn(move || {
                let turns = 1..=TRIES;
                turns.map(|turn| start.together(turn * THREADS, &work, repeats)).collect()
            })
        });
        threads.map(|thread| thread.join().expect("none panics"))
    });
    let tries = (0..TRIES).map(|index| runs.each_ref().map(|runs| &runs[index]));
    let taken = tries.filter(were_at_once).map(|runs| {
        let ran: f64 = runs.iter().map(|run| run.ran.as_secs_f64()).sum();
        ran * 1e9 / THREADS as f64 / repeats as f64
    });
    let taken: Vec<_> = taken.collect();
    (!taken.is_empty()).then(|| median(taken))
}

/// Whether nobody was interrupted, and all ran at the same time.
fn were_at_once<const THREADS: usize>(runs: &[&Run; THREADS]) -> bool {
    let began = runs.iter().map(|run| run.began).max();
    let ended = runs.iter().map(|run| run.ended).min();
    let together = ended.zip(began).map(|(ended, began)| ended.saturating_duration_since(began));
    runs.iter().all(|run| {
        let lasted = run.ended - run.began;
        run.ran * 20 >= lasted * 19 && together.is_some_and(|together| together * 10 >= lasted * 8)
    })
}

/// Lets threads start at the same moment. They wait for it running, so that they do start then.
#[derive(Default)]
struct Start {
    arrived: AtomicUsize,
}

impl Start {
    fn together(&self, arrivals: usize, work: &dyn Fn(u64), repeats: u64) -> Run {
        self.arrived.fetch_add(1, Ordering::SeqCst);
        while self.arrived.load(Ordering::SeqCst) < arrivals {
            spin_loop();
        }
        Run::of(work, repeats)
    }
}

/// What one thread did: from when to when, and how long it ran in between.
struct Run {
    began: Instant,
    ended: Instant,
    ran: Duration,
}

impl Run {
    fn of(work: &dyn Fn(u64), repeats: u64) -> Self {
        let (began, before) = (Instant::now(), thread_time());
        work(repeats);
        Self { began, ran: thread_time() - before, ended: Instant::now() }
    }
}

/// How often the work fits into a turn, on one thread.
fn calibrate(contender: &Contender) -> u64 {
    let work = (contender.make)();
    let mut repeats = 1;
    loop {
        let run = Run::of(&work, repeats);
        if run.ran >= TRY {
            return repeats;
        }
        repeats *= 2;
    }
}
