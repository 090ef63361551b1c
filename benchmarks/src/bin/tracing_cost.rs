//! What it costs to watch: subscribers of `tracing`, a trace, a monitor, a time limit.
//!
//! A subscriber is there for its own turns only; `tracing` forgets it after each.
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::{hint::black_box, sync::Arc, time::Duration};

use dullahan_benchmarks::{Add, Contender, Table, core, dispatch, measure, now, sync_listeners};
use dullahan_core::{Context, Core, monitor::Monitor};
use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    callsite::rebuild_interest_cache,
    dispatcher::with_default,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::layer::SubscriberExt;

/// Takes everything up to its level, and does nothing with it.
struct Idle {
    level: LevelFilter,
    /// Whether it takes the spans of this crate, or those of another target only.
    takes_ours: bool,
}

impl Subscriber for Idle {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_ours = metadata.target().starts_with("dullahan");
        *metadata.level() <= self.level && (self.takes_ours || !is_ours)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A monitor that counts.
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicU64);

impl Monitor for Counting {
    fn entered(&self, _: &dullahan_core::monitor::Dispatch<'_>) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

/// One's turns under a subscriber.
fn under<'a, S: Subscriber + Send + Sync + 'static>(
    name: &'static str,
    expected: LevelFilter,
    subscriber: impl Fn() -> S + 'a,
    core: &'a Core,
    context: &'a Context,
) -> Contender<'a> {
    Contender::new(name, move |repeats| {
        let subscriber = Dispatch::new(subscriber());
        assert_eq!(LevelFilter::current(), expected, "{name}");
        with_default(&subscriber, || dispatch(core, context, repeats));
        drop(subscriber);
        rebuild_interest_cache();
    })
}

fn idle(level: LevelFilter, takes_ours: bool) -> impl Fn() -> Idle {
    move || Idle { level, takes_ours }
}

/// Dispatches, each time in a context of its own.
fn in_own_contexts(core: &Core, context: impl Fn() -> Context, repeats: u64) {
    for _ in 0..repeats {
        let context = context();
        black_box(now(core.dispatch(&context, Add { sum: black_box(1) })).is_ok());
        black_box(context);
    }
}

fn main() {
    // As long as there are two, `tracing` asks all that are left for their level when one is gone.
    let _silent = [(); 2].map(|()| Dispatch::new(idle(LevelFilter::OFF, false)()));
    rebuild_interest_cache();
    let mut table = Table::new("ns a dispatch (ratio to the first)");
    for count in [0, 4, 16] {
        let sync = &sync_listeners(count);
        let monitored = &core(count, 0, |core| {
            core.monitor(Arc::new(Counting::default()));
        });
        let context = &Context::new();
        let limited = &Context::new().with_time_limit(Duration::from_secs(3_600));
        let contenders = vec![
            Contender::new("no subscriber", |repeats| {
                assert_eq!(
                    LevelFilter::current(),
                    LevelFilter::OFF,
                    "nothing is left of the others"
                );
                dispatch(sync, context, repeats);
            }),
            under(
                "subscriber at INFO",
                LevelFilter::INFO,
                idle(LevelFilter::INFO, true),
                sync,
                context,
            ),
            under(
                "DEBUG, for another target only",
                LevelFilter::DEBUG,
                idle(LevelFilter::DEBUG, false),
                sync,
                context,
            ),
            under(
                "DEBUG: a span for each dispatch, subscriber does nothing",
                LevelFilter::DEBUG,
                idle(LevelFilter::DEBUG, true),
                sync,
                context,
            ),
            under(
                "DEBUG, `tracing_subscriber::registry`",
                LevelFilter::DEBUG,
                || tracing_subscriber::registry().with(LevelFilter::DEBUG),
                sync,
                context,
            ),
            under(
                "TRACE: and one for each listener, subscriber does nothing",
                LevelFilter::TRACE,
                idle(LevelFilter::TRACE, true),
                sync,
                context,
            ),
            Contender::new("a monitor that counts", |repeats| {
                dispatch(monitored, context, repeats)
            }),
            Contender::new("a time limit", |repeats| dispatch(sync, limited, repeats)),
            Contender::new("a context of its own", |repeats| {
                in_own_contexts(sync, Context::new, repeats);
            }),
            Contender::new("a context of its own, `with_trace`", |repeats| {
                in_own_contexts(sync, || Context::new().with_trace(), repeats);
            }),
        ];
        table.run(format!("N={count}"), &measure(contenders));
    }
    println!("{table}");
}
