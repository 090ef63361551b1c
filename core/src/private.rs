//! What generated code and inferred types name. Not part of the promise of this crate.

pub use crate::error::ErrorSource;
pub use crate::event::{IsPreventable, IsProcess, IsSaga, IsStep};
pub use crate::future::{catch_unwind, said};
pub use crate::listener::{
    AnyType, Async, Candidate, Constructor, Functor, IsParameter, Sync, SyncConstructor,
    SyncFunctor, Tap, WithEventOptions, WithOptions, check_future, check_parameter, check_result,
};
#[cfg(feature = "inventory")]
pub use {crate::builder::LinkedListener, inventory};
