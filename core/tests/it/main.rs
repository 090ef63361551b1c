//! The semantics of dispatching, of units of work and of wiring.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod cancelling;
mod compensation;
mod conditions;
mod context;
mod errors;
mod failing_steps;
mod listeners;
mod model;
mod modules;
mod nested_work;
mod nesting;
mod order;
mod origins;
mod overlays;
mod phases;
mod preventing;
mod savepoints;
mod sealing;
mod seeing;
mod services;
mod support;
#[cfg(feature = "testing")]
mod testing;
mod threads;
mod unit_of_work;
mod violations;
mod wraps;
