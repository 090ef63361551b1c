//! What a dispatch costs, by the number of its listeners.
//!
//! Run with `cargo run --release -p dullahan-benchmarks --bin dispatch`.

mod interleaved;

use std::{
    hint::black_box,
    pin::pin,
    task::{Context as TaskContext, Poll, Waker},
};

use dullahan_core::{Before, Context, Core, Event, Perform, Result};

use crate::interleaved::{Contender, measure};

/// The event that is dispatched: one number that each listener changes.
#[derive(Event)]
#[event(output = u64)]
struct Add {
    sum: u64,
}

/// The work of one listener, the same for all contenders.
#[inline(never)]
fn add(sum: &mut u64, number: u64) -> std::result::Result<(), ()> {
    *sum = black_box(sum.wrapping_add(number));
    Ok(())
}

const COUNTS: [usize; 5] = [0, 1, 4, 16, 64];

fn main() {
    println!("| N | {} |", NAMES.join(" | "));
    println!("| --- |{}", " --- |".repeat(NAMES.len()));
    for count in COUNTS {
        let figures = run(count);
        let limit = figures[0];
        let cells: Vec<_> =
            figures.iter().map(|ns| format!("{ns:.1} ({:.2})", ns / limit)).collect();
        println!("| {count} | {} |", cells.join(" | "));
    }
    println!("\nnanoseconds a dispatch, and in brackets the ratio to the limit in the same run");
}

const NAMES: [&str; 4] =
    ["limit: static calls", "loop over `Vec<Box<dyn Fn>>`", "ours, sync listeners", "ours, async listeners"];

fn run(count: usize) -> Vec<f64> {
    let boxed: Vec<Box<dyn Fn(&mut u64) -> std::result::Result<(), ()>>> = (0..count as u64)
        .map(|number| Box::new(move |sum: &mut u64| add(sum, number)) as Box<_>)
        .collect();
    let sync = sync_core(count);
    let asynchronous = async_core(count);
    let context = Context::new();
    let mut contenders = [
        Contender::new(NAMES[0], |repeats| {
            for _ in 0..repeats {
                let mut sum = black_box(1);
                _ = black_box(statically(count, &mut sum));
                black_box(sum);
            }
        }),
        Contender::new(NAMES[1], |repeats| {
            for _ in 0..repeats {
                let mut sum = black_box(1);
                for listener in &boxed {
                    if listener(&mut sum).is_err() {
                        break;
                    }
                }
                black_box(sum);
            }
        }),
        Contender::new(NAMES[2], |repeats| dispatch(&sync, &context, repeats)),
        Contender::new(NAMES[3], |repeats| dispatch(&asynchronous, &context, repeats)),
    ];
    measure(&mut contenders)
}

/// Calls that the compiler knows: nothing can be faster and still call a function for each listener.
#[inline(never)]
fn statically(count: usize, sum: &mut u64) -> std::result::Result<(), ()> {
    match count {
        0 => Ok(()),
        1 => add(sum, 0),
        4 => times::<4>(sum),
        16 => times::<16>(sum),
        _ => times::<64>(sum),
    }
}

#[inline(always)]
fn times<const N: usize>(sum: &mut u64) -> std::result::Result<(), ()> {
    for number in 0..N as u64 {
        add(sum, number)?;
    }
    Ok(())
}

fn sync_core(count: usize) -> Core {
    let mut core = Core::builder();
    core.declare::<Add>().default(|ev: Perform<'_, Add>| Ok(ev.sum));
    for number in 0..count as u64 {
        core.event::<Add>().before(0, move |mut ev: Before<'_, Add>| {
            _ = add(&mut ev.sum, number);
            Ok(())
        });
    }
    core.build().expect("the wiring is sound")
}

fn async_core(count: usize) -> Core {
    let mut core = Core::builder();
    core.declare::<Add>().default(|ev: Perform<'_, Add>| Ok(ev.sum));
    for _ in 0..count {
        core.event::<Add>().before(0, async |mut ev: Before<'_, Add>| {
            _ = add(&mut ev.sum, 1);
            Ok(())
        });
    }
    core.build().expect("the wiring is sound")
}

#[inline(never)]
fn dispatch(core: &Core, context: &Context, repeats: u64) {
    let mut waker = TaskContext::from_waker(Waker::noop());
    for _ in 0..repeats {
        let mut future = pin!(core.dispatch(context, Add { sum: black_box(1) }));
        match future.as_mut().poll(&mut waker) {
            Poll::Ready(output) => _ = black_box(output.is_ok()),
            Poll::Pending => unreachable!("no listener waits"),
        }
    }
}
