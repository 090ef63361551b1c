//! The life of one dispatch.
//!
//! [`Core`] and the handles ask [`Inner`] to dispatch an event (`run.rs`). It finds the event's [`Entry`] by its type,
//! and puts event and output into an [`Exchange`], whose types nobody behind it knows: everything below is compiled
//! once. An event whose listeners are all sync, and for whose outcome nobody waits, goes through its phases right there.
//! Any other one gets a [`Scope`], a span, a line in the trace and a place on the stack, and goes through the same phases
//! (`phases.rs`): before, wraps around the default action, after. In each a [`Lane`] gives one listener after the other its
//! [`Turn`]. What came of it is told to observers and, when the unit of work is over, to committed and rolled-back
//! listeners (`notify.rs`). A process has a unit of work of its own, or shares one (`process.rs`); its end runs in a
//! future that outlives the caller (`ending.rs`).

mod compensation;
mod completion;
pub mod context;
mod control;
mod core;
mod describing;
mod ending;
mod entry;
mod exchange;
mod lane;
pub mod monitor;
mod notify;
mod pausing;
mod phases;
mod process;
mod run;
mod scope;
mod spans;
mod standing;
mod table;
mod turn;
pub mod unit_of_work;

pub use self::core::Core;
pub(crate) use self::{
    compensation::Kept,
    completion::{Pending, Spawner},
    context::Context,
    control::Control,
    entry::{CopyOutput, Entry, Nature},
    exchange::{AnyOutput, Parts},
    lane::Condition,
    monitor::Monitors,
    run::Inner,
    scope::Scope,
    standing::Joining,
    table::Table,
    turn::{AsyncCall, Call, SyncCall, Turn, event_of, output_of},
};
