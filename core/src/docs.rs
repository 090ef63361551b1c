//! The long documents. Nothing in here but text; every example in it is compiled and run as a test.

#[doc = include_str!("../docs/ordering.md")]
pub mod ordering {}

#[doc = include_str!("../docs/units-of-work.md")]
#[doc = "```"]
#[doc = include_str!("../docs/memory_store.rs")]
#[doc = "```"]
pub mod units_of_work {}

#[doc = include_str!("../docs/wiring-defects.md")]
pub mod wiring_defects {}

#[doc = include_str!("../docs/write-a-module.md")]
pub mod write_a_module {}

#[doc = include_str!("../docs/seeing.md")]
pub mod seeing {}

#[doc = include_str!("../docs/coming-from.md")]
pub mod coming_from {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
