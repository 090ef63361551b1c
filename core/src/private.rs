//! What generated code and inferred types name. Not part of the promise of this crate.

pub use crate::listener::{Async, Candidate, Factory, Functor, Sync};
