//! The long documents. Nothing in here but text. The examples are excerpts of `tests/pages`, where they are compiled and
//! run.

#[cfg_attr(not(doctest), doc = include_str!("../docs/ordering.md"))]
pub mod ordering {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/units-of-work.md"))]
pub mod units_of_work {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/wiring-defects.md"))]
pub mod wiring_defects {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/write-a-module.md"))]
pub mod write_a_module {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/compiler-messages.md"))]
pub mod compiler_messages {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/seeing.md"))]
pub mod seeing {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/coming-from.md"))]
pub mod coming_from {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
