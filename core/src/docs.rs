//! The long documents. Nothing in here but text; every example in it is compiled and run as a test.

#[cfg_attr(not(doctest), doc = include_str!("../docs/ordering.md"))]
pub mod ordering {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/units-of-work.md"))]
pub mod units_of_work {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/wiring-defects.md"))]
pub mod wiring_defects {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/write-a-module.md"))]
pub mod write_a_module {}

#[doc = include_str!("../docs/compiler-messages.md")]
pub mod compiler_messages {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/seeing.md"))]
pub mod seeing {}

#[doc = include_str!("../docs/coming-from.md")]
pub mod coming_from {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// ```
/// let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/compiler-messages.md"));
/// let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui");
/// let said: String = std::fs::read_dir(tests)
///     .expect("there are tests of what the compiler says")
///     .filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok())
///     .collect();
/// let quoted: Vec<_> = page.lines().filter(|line| line.starts_with("error")).collect();
/// assert!(quoted.len() > 8);
/// for line in quoted {
///     assert!(said.contains(line), "the compiler says otherwise than the page: {line}");
/// }
/// ```
#[cfg(doctest)]
mod what_the_compiler_says_is_what_the_page_quotes {}
