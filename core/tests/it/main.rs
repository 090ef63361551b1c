//! The semantics of dispatching, of units of work and of wiring.

mod conditions;
mod errors;
mod nesting;
mod order;
mod phases;
mod preventing;
mod savepoints;
mod sealing;
mod support;
mod unit_of_work;
mod violations;
