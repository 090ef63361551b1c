//! What the benchmarks share: measuring turn by turn, the limit, ourselves and the peers.

mod clock;
mod interleaved;
mod limit;
mod no_op;
mod numbered;
mod ours;
#[cfg(feature = "peers")]
pub mod peers;
mod poll;
mod table;
mod work;

pub use self::{
    clock::thread_time,
    interleaved::{Contender, Figure, measure, median, turns},
    limit::{Loop, boxed_futures, by_type_id, statically},
    no_op::NoOp,
    ours::{Add, async_listeners, by_parent, core, dispatch, mixed, sync_listeners},
    poll::now,
    table::Table,
    work::{Refused, work},
};
