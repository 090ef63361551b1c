//! What generated code and inferred types name. Not part of the promise of this crate.

pub use crate::listener::{Async, Candidate, Factory, Functor, Sync};
#[cfg(feature = "inventory")]
pub use {
    crate::linked::{LinkedListener, stands_at},
    inventory,
};
