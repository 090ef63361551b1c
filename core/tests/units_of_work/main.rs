//! The semantics of units of work: begin, commit, rollback, savepoints, compensations, dropped futures.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod attempts;
mod cancelling;
mod compensation;
mod failing_steps;
mod following;
mod leaving;
mod nested_work;
mod observers;
mod outside;
mod panicking_stores;
mod rejecting;
mod repeating;
mod response;
mod savepoints;
mod side_by_side;
#[path = "../shared/support.rs"]
#[expect(dead_code, reason = "the other test binaries use the rest")]
mod support;
mod unit_of_work;
mod wraps;
