//! The code that the guides show. Every Rust block of a page is an excerpt of a file that is compiled and run here, so
//! that a page needs no hidden lines.

#![cfg(feature = "inventory")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{fs, path::Path};

mod coming_from;
mod compiler_messages;
mod excerpts;
#[expect(unreachable_pub, reason = "the examples use it like a part of their own program")]
mod log;
#[expect(unreachable_pub, reason = "the page shows it as its author would publish it")]
#[path = "../../docs/memory_store.rs"]
mod memory_store;
mod ordering;
mod printed;
mod seeing;
mod units_of_work;
mod wiring_defects;
mod write_a_module;

/// Each page, and the files and folders that its blocks are taken from, relative to the root of the repository.
/// A page without any is still compiled by rustdoc, as whole programs.
const PAGES: &[(&str, &[&str])] = &[
    ("core/README.md", &[]),
    ("core/docs/coming-from.md", &["core/tests/pages/coming_from"]),
    ("core/docs/compiler-messages.md", &["core/tests/pages/compiler_messages.rs"]),
    ("core/docs/ordering.md", &["core/tests/pages/ordering"]),
    ("core/docs/seeing.md", &["core/tests/pages/seeing"]),
    (
        "core/docs/units-of-work.md",
        &["core/docs/memory_store.rs", "core/tests/pages/units_of_work"],
    ),
    (
        "core/docs/wiring-defects.md",
        &["core/tests/pages/wiring_defects.rs", "core/tests/pages/wiring_defects"],
    ),
    ("core/docs/write-a-module.md", &["core/tests/pages/write_a_module"]),
    (
        "core-testing/docs/testing.md",
        &["core-testing/docs/shop.rs", "core-testing/tests/it/page.rs"],
    ),
    ("core-bridge-sqlx/README.md", &["core-bridge-sqlx/src/lib.rs"]),
    ("user/docs/customizing.md", &["user/docs/customizing"]),
    ("user/docs/testing.md", &["user/docs/testing"]),
    (
        "user/docs/write-a-bridge.md",
        &["user/docs/write-a-bridge", "user-bridge-axum/tests/it/parity.rs"],
    ),
    ("user-bridge-axum/README.md", &[]),
];

/// The pages that are no guides.
const OTHERS: &[&str] = &["decisions.md"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn every_block_is_an_excerpt() {
    let complaints: Vec<_> = PAGES
        .iter()
        .flat_map(|(page, sources)| {
            let text = fs::read_to_string(root().join(page)).unwrap();
            excerpts::complaints(page, &text, &excerpts::sources(root(), sources))
        })
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_guide_of_the_core_is_checked() {
    for file in fs::read_dir(root().join("core/docs")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let page = format!("core/docs/{name}");
        let is_checked = PAGES.iter().any(|(checked, _)| *checked == page);
        assert!(
            is_checked || !name.ends_with(".md") || OTHERS.contains(&name.as_str()),
            "add `{page}` to the pages of core/tests/pages/main.rs"
        );
    }
}
