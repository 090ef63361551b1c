//! The module's events and their default wiring.

pub(crate) mod listener;
pub mod transport;
