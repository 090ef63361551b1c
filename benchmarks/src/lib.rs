//! What the benchmarks share: measuring turn by turn, the limit, ourselves and the peers.

mod clock;
mod interleaved;
mod limit;
mod numbered;
mod ours;
#[cfg(feature = "peers")]
pub mod peers;
mod poll;
mod table;
mod work;

pub use self::{
    clock::thread_time,
    interleaved::{Contender, Figure, measure},
    limit::{boxed_futures, by_type_id, in_eights, in_turn, statically},
    ours::{Add, async_listeners, by_parent, dispatch, mixed, sync_listeners},
    poll::now,
    table::Table,
    work::{Refused, work},
};
