//! The long documents. Nothing in here but text; every example in it is compiled and run as a test: those on
//! customizing, which need a store, in the tests of the bridges.

#[doc = include_str!("../docs/write-a-bridge.md")]
pub mod write_a_bridge {}

#[doc = include_str!("../docs/customizing.md")]
pub mod customizing {}

#[cfg(feature = "testing")]
#[doc = include_str!("../docs/testing.md")]
pub mod testing {}
