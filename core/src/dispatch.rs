//! The life of one dispatch.
//!
//! [`Core`] and the handles ask [`Inner`] to dispatch an event (`run.rs`). It finds the event's [`Entry`] by its type and
//! puts event and output into an [`Exchange`](exchange::Exchange). Nothing behind that knows their types, so everything
//! below is compiled once. An event whose listeners are all sync, and whose outcome nobody waits for, goes through its
//! phases right there. Any other one gets a [`Scope`], a span, a line in the trace and a level on the stack, and goes
//! through the same phases (`phases.rs`): before, wraps around the default action, after. In each phase
//! [`PhaseListeners`](phase_listeners::PhaseListeners) calls one listener after the other with an [`Invocation`].
//! Observers are told what came of it; committed and rolled-back listeners are told when the unit of work is over
//! (`notify.rs`). A process has a unit of work of its own, or shares one (`process.rs`). Its end runs in a future that
//! outlives the caller (`ending.rs`).

mod compensation;
mod completion;
pub mod context;
mod control;
mod core;
mod describing;
mod ending;
mod entry;
mod exchange;
mod invocation;
pub mod monitor;
mod notify;
mod pausing;
mod phase_listeners;
mod phases;
mod process;
mod propagation;
mod run;
mod scope;
mod spans;
mod table;
pub mod unit_of_work;

pub use self::core::Core;
pub(crate) use self::{
    compensation::Kept,
    completion::{Pending, Spawner},
    context::Context,
    control::Control,
    entry::{CopyOutput, Entry, Nature},
    exchange::{AnyOutput, Parts},
    invocation::{AsyncCall, Call, Invocation, SyncCall, event_of, output_of},
    monitor::Monitors,
    phase_listeners::Condition,
    propagation::Propagation,
    run::Inner,
    scope::Scope,
    table::Table,
};
