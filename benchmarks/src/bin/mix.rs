//! What async listeners, other phases, processes and nesting cost.
#![expect(clippy::print_stdout, reason = "the tables are what it is for")]

use std::{hint::black_box, sync::Arc};

use dullahan_benchmarks::{
    Add, Contender, Loop, NoOp, Table, by_parent, core, dispatch, measure, mixed, now,
    sync_listeners,
};
use dullahan_core::{
    After, BoxFuture, Committed, Context, Core, CoreBuilder, DefaultAction, Event,
    ListenerOptions as _, Observe, Process, Result, Saga, Wrap, unit_of_work::UnitOfWorkProvider,
};

fn main() {
    println!("{}", async_dispatch_of_sync_listeners());
    println!("{}", shares_of_async_listeners());
    println!("{}", phases());
    println!("{}", sagas());
    println!("{}", nesting());
}

fn async_dispatch_of_sync_listeners() -> Table {
    let context = Context::new();
    let mut table = Table::new("sync listeners: ns a dispatch (ratio to the loop)");
    for count in [0, 1, 4, 16, 64] {
        let (listeners, core) = (Loop::new(count), sync_listeners(count));
        let figures = measure(vec![
            Contender::new("a sync loop, 8 call sites", |repeats| listeners.in_eights(repeats)),
            Contender::new("`core.dispatch`, async", |repeats| dispatch(&core, &context, repeats)),
            Contender::new("`ev.dispatch`, async", |repeats| by_parent(&core, &context, repeats)),
        ]);
        table.run(format!("N={count}"), &figures);
    }
    table
}

fn shares_of_async_listeners() -> Table {
    let context = Context::new();
    let mut table = Table::new("listeners: ns a dispatch (ratio to none async)");
    for count in [4, 16, 64] {
        let shares =
            [("none async", 0), ("one async", 1), ("half async", count / 2), ("all async", count)];
        let cores = shares.map(|(name, asynchronous)| (name, mixed(count, asynchronous)));
        let contenders = cores
            .iter()
            .map(|(name, core)| Contender::new(*name, |repeats| dispatch(core, &context, repeats)));
        let figures = measure(contenders.collect());
        table.run(format!("N={count}"), &figures);
        let each = [
            ("the first async listener costs", figures[1].ns - figures[0].ns),
            ("each further one", (figures[3].ns - figures[1].ns) / (count as f64 - 1.0)),
        ];
        table.column(
            format!("N={count}, ns each"),
            each.map(|(name, ns)| (name, format!("{ns:.1}"))),
        );
    }
    table
}

/// Adds something to the wiring.
type Addition = fn(&mut CoreBuilder);

fn phases() -> Table {
    let additions: [(&str, Addition); 7] = [
        ("4 sync before-listeners", |_| ()),
        ("and a sync after-listener", |core| {
            core.event::<Add>().after(|_: After<'_, Add>| Ok(()));
        }),
        ("and one with a condition", |core| {
            core.event::<Add>().after((|_: After<'_, Add>| Ok(())).when(|_| true));
        }),
        ("and an observer", |core| {
            core.event::<Add>().observe(|_: Observe<'_, Add>| Ok(()));
        }),
        ("and a committed listener", |core| {
            core.event::<Add>().committed(|_: Committed<'_, Add>| Ok(()));
        }),
        ("and an async after-listener", |core| {
            core.event::<Add>().after(async |_: After<'_, Add>| Ok(()));
        }),
        ("and a wrap, which is async", |core| {
            core.event::<Add>().wrap(async |mut ev: Wrap<'_, Add>| ev.next().await);
        }),
    ];
    let context = Context::new();
    let cores = additions.map(|(name, add)| (name, core(4, 0, add)));
    let contenders = cores
        .iter()
        .map(|(name, core)| Contender::new(*name, |repeats| dispatch(core, &context, repeats)));
    let mut table = Table::new("phases");
    table.run("ns a dispatch (ratio to the first)", &measure(contenders.collect()));
    table
}

/// A request that takes three steps.
#[derive(Saga)]
struct Register {
    touching: bool,
}

/// A step without the unit of work.
#[derive(Process)]
#[event(output = u64)]
struct Untouched;

/// A step that uses it, and so begins one.
#[derive(Process)]
#[event(output = u64)]
struct Touched;

fn sagas() -> Table {
    let mut core = Core::builder();
    core.units_of_work(Arc::new(NoOp));
    core.declare::<Untouched>().default(|_: DefaultAction<'_, Untouched>| Ok(black_box(1)));
    core.declare::<Touched>().default(async |ev: DefaultAction<'_, Touched>| {
        black_box(ev.context().unit_of_work().await?.is_some());
        Ok(1)
    });
    core.declare::<Register>().default(async |mut ev: DefaultAction<'_, Register>| {
        for _ in 0..3 {
            black_box(match ev.touching {
                false => ev.dispatch(Untouched).await?,
                true => ev.dispatch(Touched).await?,
            });
        }
        Ok(())
    });
    let core = core.build().expect("the wiring is sound");
    let provider: Arc<dyn UnitOfWorkProvider> = Arc::new(NoOp);
    let run = |touching, repeats| {
        for _ in 0..repeats {
            black_box(now(core.run(Register { touching })).is_ok());
        }
    };
    let figures = measure(vec![
        Contender::new("by hand: begin and commit three times", |repeats| {
            for _ in 0..repeats {
                black_box(now(by_hand(&*provider)).is_ok());
            }
        }),
        Contender::new("an empty context", |repeats| {
            for _ in 0..repeats {
                black_box(Context::new());
            }
        }),
        Contender::new("a saga of three processes that begin none", |repeats| run(false, repeats)),
        Contender::new("a saga of three processes", |repeats| run(true, repeats)),
    ]);
    let mut table = Table::new("units of work that do nothing");
    table.run("ns a saga (ratio to by hand)", &figures);
    table
}

async fn by_hand(provider: &dyn UnitOfWorkProvider) -> Result<()> {
    for _ in 0..3 {
        let unit = provider.begin().await?;
        black_box(1);
        unit.commit().await?;
    }
    Ok(())
}

/// An event whose default dispatches it again, until nothing is left.
#[derive(Event)]
struct Nest {
    left: u32,
}

async fn nest(mut ev: DefaultAction<'_, Nest>) -> Result<()> {
    match ev.left {
        0 => Ok(()),
        left => ev.dispatch(Nest { left: left - 1 }).await,
    }
}

fn nest_by_hand(left: u32) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move {
        match black_box(left) {
            0 => Ok(()),
            left => nest_by_hand(left - 1).await,
        }
    })
}

fn nesting() -> Table {
    let mut core = Core::builder();
    core.declare::<Nest>().default(nest);
    let core = core.build().expect("the wiring is sound");
    let context = Context::new();
    let mut table = Table::new("dispatches inside of one another: ns for all (ratio to boxes)");
    for depth in [1, 2, 4, 8, 16, 32] {
        let figures = measure(vec![
            Contender::new("a function that boxes its own future", |repeats| {
                for _ in 0..repeats {
                    black_box(now(nest_by_hand(depth - 1)).is_ok());
                }
            }),
            Contender::new("`ev.dispatch` in an async default", |repeats| {
                for _ in 0..repeats {
                    let event = Nest { left: depth - 1 };
                    black_box(now(core.dispatch(&context, event)).is_ok());
                }
            }),
        ]);
        table.run(format!("depth {depth}"), &figures);
        table.column(
            "each",
            figures
                .iter()
                .map(|one| (one.name.as_str(), format!("{:.0}", one.ns / f64::from(depth)))),
        );
    }
    table
}
