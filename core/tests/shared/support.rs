//! What the tests share: a log, a store with units of work, and a hand on the poll of every step.

mod log;
mod memory_store;
mod panicking;
mod putting;
mod stepping;
mod watch;

pub(crate) use self::{
    log::Log,
    memory_store::{MemoryStore, StoreCall},
    panicking::panic_with,
    putting::{put, store_builder},
    stepping::{Stepper, give_up_after, pause},
    watch::Watch,
};
