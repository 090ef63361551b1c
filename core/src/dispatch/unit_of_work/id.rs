//! What tells one unit of work from another.

use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the unit of work of one process from every other one of this program, for as long as that runs.
///
/// So an adapter can give out a receipt that holds in the unit of work in which it was made, and in no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitOfWorkId(u64);

impl UnitOfWorkId {
    pub(super) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}
