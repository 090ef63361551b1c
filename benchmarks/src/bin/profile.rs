//! Dispatches and does nothing else, to be run under a profiler.
//!
//! `valgrind --tool=callgrind --toggle-collect='*ours::dispatch*' profile 4 1000` counts the instructions of a
//! thousand dispatches to four sync listeners; a third number says how many of them are async.

use dullahan_benchmarks::{dispatch, mixed};
use dullahan_core::Context;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let mut number = |otherwise| numbers.next().unwrap_or(otherwise);
    let (count, repeats, asynchronous) = (number(0), number(100_000_000), number(0));
    let core = mixed(count as usize, asynchronous as usize);
    dispatch(&core, &Context::new(), repeats);
}
