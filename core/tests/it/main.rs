//! The semantics of dispatching, of units of work and of wiring.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod cancelling;
mod conditions;
mod context;
mod errors;
mod listeners;
mod nesting;
mod order;
mod phases;
mod preventing;
mod savepoints;
mod sealing;
mod support;
mod threads;
mod unit_of_work;
mod violations;
