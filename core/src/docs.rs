//! The long documents. Nothing in here but text; every example in it is compiled and run as a test.

#[doc = include_str!("../docs/ordering.md")]
pub mod ordering {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/units-of-work.md"))]
pub mod units_of_work {}

#[doc = include_str!("../docs/wiring-defects.md")]
#[doc = "```"]
#[doc = include_str!("../docs/greetings.rs")]
#[doc = "```"]
pub mod wiring_defects {}

#[doc = include_str!("../docs/write-a-module.md")]
pub mod write_a_module {}

#[doc = include_str!("../docs/compiler-messages.md")]
pub mod compiler_messages {}

#[doc = include_str!("../docs/seeing.md")]
pub mod seeing {}

#[doc = include_str!("../docs/coming-from.md")]
pub mod coming_from {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// ```
/// let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/write-a-module.md"));
/// for code in [
///     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/notes/event.rs")),
///     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/notes/port.rs")),
///     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/notes/functor.rs")),
///     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/notes/module.rs")),
/// ] {
///     assert!(page.contains(code), "the page shows another module than the one it tests:\n{code}");
/// }
/// ```
#[cfg(doctest)]
mod the_module_that_is_shown_is_the_one_that_is_tested {}

/// ```
/// let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/wiring-defects.md"));
/// let source = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/defect.rs"));
/// let (_, variants) = source.split_once("pub enum Defect {").expect("there are defects");
/// let (variants, _) = variants.split_once("\n}\n").expect("the enum ends");
/// for variant in variants.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {")) {
///     let heading = format!("\n# `{variant}`\n");
///     assert!(page.contains(&heading), "`{variant}` has no heading in core/docs/wiring-defects.md");
/// }
/// ```
#[cfg(doctest)]
mod every_defect_is_explained {}

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
