//! Whether anything grows with the number of events that a core has: building it, dispatching one of them.
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::hint::black_box;

use dullahan_benchmarks::{Contender, Figure, Table, measure, now};
use dullahan_core::{
    After, Before, Context, Core, CoreBuilder, DefaultAction, Event, event::EventKind,
};

/// As many events as one likes; written by hand, so that they can be counted.
struct Numbered<const NUMBER: usize> {
    sum: usize,
}

/// How many events there are at most. Compiling a thousand, optimised, takes about 5 GB and ten minutes.
const EVENTS: usize = 1000;

impl<const NUMBER: usize> Event for Numbered<NUMBER> {
    type Output = usize;
    type Kind = EventKind;
    const NAME: &'static str = "Numbered";
}

/// Declares an event with a default and three listeners.
fn declare<const NUMBER: usize>(core: &mut CoreBuilder) {
    core.declare::<Numbered<NUMBER>>()
        .default(|ev: DefaultAction<'_, Numbered<NUMBER>>| Ok(ev.sum))
        .before(|mut ev: Before<'_, Numbered<NUMBER>>| {
            ev.sum += 1;
            Ok(())
        })
        .before(|mut ev: Before<'_, Numbered<NUMBER>>| {
            ev.sum += NUMBER;
            Ok(())
        })
        .after(|mut ev: After<'_, Numbered<NUMBER>>| {
            *ev.output_mut() += 1;
            Ok(())
        });
}

fn dispatch<const NUMBER: usize>(core: &Core, context: &Context) {
    black_box(now(core.dispatch(context, Numbered::<NUMBER> { sum: black_box(1) })).is_ok());
}

/// Declares one event.
type Declare = fn(&mut CoreBuilder);

/// Dispatches one event.
type DispatchOne = fn(&Core, &Context);

/// Those of the first ten events, so that every core has them: with a dispatch of each of them, compiling
/// this takes longer than one likes to wait.
const DISPATCHED: [DispatchOne; 10] = [
    dispatch::<0>,
    dispatch::<1>,
    dispatch::<2>,
    dispatch::<3>,
    dispatch::<4>,
    dispatch::<5>,
    dispatch::<6>,
    dispatch::<7>,
    dispatch::<8>,
    dispatch::<9>,
];

/// Every event, by its number.
fn events() -> Vec<Declare> {
    let mut events: Vec<Declare> = Vec::with_capacity(EVENTS);
    macro_rules! ten {
        ($first:expr; $($unit:literal)*) => {
            $(events.push(declare::<{ $first + $unit }>);)*
        };
    }
    macro_rules! hundred {
        ($first:expr; $($ten:literal)*) => {
            $(ten!($first + $ten * 10; 0 1 2 3 4 5 6 7 8 9);)*
        };
    }
    macro_rules! hundreds {
        ($($hundred:literal)*) => {
            $(hundred!($hundred * 100; 0 1 2 3 4 5 6 7 8 9);)*
        };
    }
    hundreds!(0 1 2 3 4 5 6 7 8 9);
    events
}

fn core(events: &[Declare]) -> Core {
    let mut core = Core::builder();
    for declare in events {
        declare(&mut core);
    }
    core.build().expect("the wiring is sound")
}

fn main() {
    let events = events();
    let counts = [10, 100, EVENTS];
    let cores = counts.map(|count| core(&events[..count]));
    let context = Context::new();
    let head = counts.map(|count| count.to_string());
    let mut table = Table::new("events, 3 listeners each");
    let mut column = |name: &str, figures: &[Figure], per: &dyn Fn(usize) -> f64| {
        let cells = figures.iter().zip(&head).zip(counts).map(|((figure, head), count)| {
            let ratio = figure.ratio / per(count) * per(counts[0]);
            (head.as_str(), format!("{:.1} ({ratio:.2})", figure.ns / per(count)))
        });
        table.column(name, cells);
    };
    let builds = measure(contenders(&head, |index| {
        let events = &events[..counts[index]];
        Box::new(move |repeats| (0..repeats).for_each(|_| _ = black_box(core(events))))
    }));
    column("registering and building, ns an event (ratio)", &builds, &|count| count as f64);
    let one = measure(contenders(&head, |index| {
        let (core, context) = (&cores[index], &context);
        Box::new(move |repeats| (0..repeats).for_each(|_| DISPATCHED[0](core, context)))
    }));
    column("one of them, ns a dispatch (ratio)", &one, &|_| 1.0);
    let ten = measure(contenders(&head, |index| {
        let (core, context) = (&cores[index], &context);
        Box::new(move |repeats| {
            for _ in 0..repeats {
                DISPATCHED.iter().for_each(|dispatch| dispatch(core, context));
            }
        })
    }));
    column("ten of them in turn, ns a dispatch (ratio)", &ten, &|_| DISPATCHED.len() as f64);
    println!("{table}");
}

fn contenders<'a>(
    names: &[String; 3],
    work: impl Fn(usize) -> Box<dyn FnMut(u64) + 'a>,
) -> Vec<Contender<'a>> {
    names.iter().enumerate().map(|(index, name)| Contender::new(name, work(index))).collect()
}
