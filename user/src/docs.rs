//! The long documents. Nothing in here but text.
//!
//! The examples are excerpts of files that are compiled and run: below, and those on customizing, which need a store,
//! in the tests of the bridges.

#[cfg_attr(not(doctest), doc = include_str!("../docs/write-a-bridge.md"))]
pub mod write_a_bridge {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/customizing.md"))]
pub mod customizing {}

#[cfg(feature = "testing")]
#[cfg_attr(not(doctest), doc = include_str!("../docs/testing.md"))]
pub mod testing {}

#[cfg(test)]
extern crate self as dullahan_user;

#[cfg(all(test, feature = "testing"))]
#[path = "../docs/testing/an_application.rs"]
mod an_application;
#[cfg(all(test, feature = "testing"))]
#[path = "../docs/testing/its_errors.rs"]
mod its_errors;
#[cfg(test)]
#[path = "../docs/write-a-bridge/routes.rs"]
mod routes;
