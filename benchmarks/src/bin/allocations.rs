//! How often a dispatch allocates; fails when one without async listeners does.
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::sync::Arc;

use allocation_counter::measure;
use dullahan_benchmarks::{Add, NoOp, Table, by_parent, core, dispatch, mixed, now};
use dullahan_core::{
    After, Context, Core, CoreBuilder, DefaultAction, ListenerOptions as _, Observe, Process,
    Result, Saga, Wrap, monitor::Monitor,
};

#[derive(Saga)]
struct Register {
    processes: u32,
    touching: bool,
}

#[derive(Process)]
struct Untouched;

#[derive(Process)]
struct Touched;

struct Idle;

impl Monitor for Idle {}

/// How many times each is done, so that what is done once, at the first time, does not count.
const TIMES: u64 = 100;

fn main() {
    let mut rows = Vec::new();
    let context = Context::new();
    for count in [0, 1, 4, 16, 64] {
        let core = mixed(count, 0);
        let row = Row::of(format!("{count} sync listeners"), || dispatch(&core, &context, 1));
        rows.push(row.never());
    }
    let sync = mixed(4, 0);
    // The parent of the dispatches allocates as well, and so two of them are compared.
    let (some, more) =
        (count_of(|| by_parent(&sync, &context, 10)), count_of(|| by_parent(&sync, &context, 20)));
    rows.push(
        Row {
            name: "4 sync listeners, from inside of a listener".into(),
            count: more.0 - some.0,
            bytes: more.1 - some.1,
        }
        .never(),
    );
    for (name, add) in additions() {
        let core = core(4, 0, add);
        let row = Row::of(format!("4 sync listeners {name}"), || dispatch(&core, &context, 1));
        // An observer and a monitor are told of the outcome, which the short path does not have.
        rows.push(if name.contains("observer") || name.contains("monitor") {
            row
        } else {
            row.never()
        });
    }
    for (count, asynchronous) in [(1, 1), (4, 1), (4, 4), (16, 16)] {
        let core = mixed(count, asynchronous);
        let name = format!("{count} listeners, {asynchronous} of them async");
        rows.push(Row::of(name, || dispatch(&core, &context, 1)));
    }
    let core = core(4, 0, |core| {
        core.event::<Add>().wrap(async |mut ev: Wrap<'_, Add>| ev.next().await);
    });
    rows.push(Row::of("4 sync listeners and an async wrap", || dispatch(&core, &context, 1)));
    rows.push(Row::of("4 sync listeners, in a context of its own", || {
        dispatch(&sync, &Context::new(), 1);
    }));
    rows.push(Row::of("4 sync listeners, in a context of its own `with_trace`", || {
        dispatch(&sync, &Context::new().with_trace(), 1);
    }));
    let sagas = sagas();
    for (processes, touching) in [(0, false), (1, false), (3, false), (3, true)] {
        let what = if touching { "that begin a unit of work" } else { "that begin none" };
        rows.push(Row::of(format!("a saga of {processes} processes {what}"), || {
            let result: Result<()> = now(sagas.run_in(&context, Register { processes, touching }));
            assert!(result.is_ok(), "the wiring is sound");
        }));
    }
    let mut table = Table::new("a dispatch");
    table.column("allocations", rows.iter().map(|row| (row.name.as_str(), row.count.to_string())));
    table.column("bytes", rows.iter().map(|row| (row.name.as_str(), row.bytes.to_string())));
    println!("{table}");
}

/// Adds something to the wiring.
type Addition = fn(&mut CoreBuilder);

/// What makes a dispatch take the longer way, and is no async listener.
fn additions() -> [(&'static str, Addition); 4] {
    [
        ("and one after", |core| {
            core.event::<Add>().after(|_: After<'_, Add>| Ok(()));
        }),
        ("and one with a condition", |core| {
            core.event::<Add>().after((|_: After<'_, Add>| Ok(())).when(|_| true));
        }),
        ("and an observer", |core| {
            core.event::<Add>().observe(|_: Observe<'_, Add>| Ok(()));
        }),
        ("and a monitor", |core| {
            core.monitor(Arc::new(Idle));
        }),
    ]
}

fn sagas() -> Core {
    let mut core = Core::builder();
    core.units_of_work(Arc::new(NoOp));
    core.declare::<Untouched>().default(|_: DefaultAction<'_, Untouched>| Ok(()));
    core.declare::<Touched>().default(async |ev: DefaultAction<'_, Touched>| {
        ev.context().unit_of_work().await.map(|_| ())
    });
    core.declare::<Register>().default(async |mut ev: DefaultAction<'_, Register>| {
        for _ in 0..ev.processes {
            match ev.touching {
                false => ev.dispatch(Untouched).await?,
                true => ev.dispatch(Touched).await?,
            }
        }
        Ok(())
    });
    core.build().expect("the wiring is sound")
}

/// How often something allocates, each time that it is done.
struct Row {
    name: String,
    count: u64,
    bytes: u64,
}

impl Row {
    fn of(name: impl Into<String>, work: impl Fn()) -> Self {
        let (count, bytes) = count_of(work);
        Self { name: name.into(), count, bytes }
    }

    /// Fails unless it never allocates.
    fn never(self) -> Self {
        assert_eq!(self.count, 0, "{} must not allocate", self.name);
        self
    }
}

/// How often it allocates each time, and how many bytes.
fn count_of(work: impl Fn()) -> (u64, u64) {
    work();
    let counted = measure(|| (0..TIMES).for_each(|_| work()));
    (counted.count_total / TIMES, counted.bytes_total / TIMES)
}
