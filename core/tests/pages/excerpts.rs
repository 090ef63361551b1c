//! Checks that the Rust blocks of a page are excerpts of files.

use std::{fs, path::Path};

/// A line of a block that leaves something out. The pieces around it occur in this order in one file.
const LEFT_OUT: &str = "// ..";

/// The words of a label with which a block still is Rust; so it is without any.
const RUST: &[&str] =
    &["rust", "ignore", "no_run", "should_panic", "standalone_crate", "test_harness"];

/// A file that blocks are taken from.
pub(crate) struct Source {
    name: String,
    text: String,
}

/// A block of a page, with the number of its first line.
struct Block<'a> {
    label: &'a str,
    first: usize,
    lines: Vec<&'a str>,
}

/// Reads the files, and all `.rs` files of the folders and of the folders in those.
pub(crate) fn sources(root: &Path, paths: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut paths: Vec<_> = paths.iter().map(|path| root.join(path)).collect();
    for path in &paths {
        assert!(path.exists(), "there is no {}", path.display());
    }
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.push(Source { name, text: fs::read_to_string(&path).unwrap() });
        }
    }
    found
}

/// What is wrong with the Rust blocks of a page. Without sources only hidden lines are.
pub(crate) fn complaints(page: &str, text: &str, sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for block in blocks(text).into_iter().filter(|block| is_rust(block.label)) {
        for (line, number) in block.lines.iter().zip(block.first..) {
            if line.trim() == "#" || line.trim_start().starts_with("# ") {
                complaints.push(format!("{page}:{number}: a hidden line: {line}"));
            }
        }
        if !sources.is_empty() && !sources.iter().any(|source| has(&source.text, &block)) {
            let names: Vec<_> = sources.iter().map(|source| source.name.as_str()).collect();
            complaints.push(format!(
                "{page}:{}: this block is in none of {}:\n{}",
                block.first,
                names.join(", "),
                block.lines.join("\n"),
            ));
        }
    }
    complaints
}

fn is_rust(label: &str) -> bool {
    label.split([',', ' ']).all(|word| word.is_empty() || RUST.contains(&word))
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (line, number) in text.lines().zip(1..) {
        let fence = line.trim_start().strip_prefix("```");
        match (fence, &mut open) {
            (Some(label), None) => {
                open = Some(Block { label: label.trim(), first: number + 1, lines: Vec::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of the page does not end");
    blocks
}

/// Whether the pieces of a block occur in a file, in its code or in its documentation, which rustdoc compiles.
fn has(text: &str, block: &Block<'_>) -> bool {
    let code: Vec<_> = text.lines().collect();
    let documentation: Vec<_> = code.iter().filter_map(|line| documented(line)).collect();
    has_in_order(&code, block) || has_in_order(&documentation, block)
}

/// What a line says inside of a documentation comment.
fn documented(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line.strip_prefix("//!").or_else(|| line.strip_prefix("///"))?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

/// Whether the pieces of a block occur among these lines, each whole and in their order.
fn has_in_order(lines: &[&str], block: &Block<'_>) -> bool {
    let mut rest = lines;
    for piece in block.lines.split(|line| line.trim() == LEFT_OUT) {
        let piece = normal(piece);
        if piece.is_empty() {
            continue;
        }
        let found = rest.windows(piece.len()).position(|window| normal(window) == piece);
        let Some(found) = found else { return false };
        rest = &rest[found + piece.len()..];
    }
    true
}

/// The lines without their common indentation, and without blank lines around them.
fn normal<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let is_blank = |line: &&str| line.trim().is_empty();
    let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !is_blank(line)).map_or(first, |last| last + 1);
    let lines = &lines[first..end];
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let common =
        lines.iter().filter(|line| !is_blank(line)).map(indentation).min().unwrap_or_default();
    lines.iter().map(|line| line.get(common..).unwrap_or_default().trim_end()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Source, complaints};

    const FILE: &str = "
use std::sync::Arc;

mod example {
    struct Order {
        item: u32,
    }

    #[test]
    fn it_is_ordered() {
        let order = Order { item: 7 };

        assert_eq!(order.item, 7);
    }
}
";

    const PAGE: &str = "
An order:

```rust
struct Order {
    item: u32,
}
// ..
let order = Order { item: 7 };

assert_eq!(order.item, 7);
```

```text
an order
```
";

    fn complaints_of(page: &str) -> Vec<String> {
        let source = Source { name: "order.rs".to_owned(), text: FILE.to_owned() };
        complaints("page.md", page, &[source])
    }

    #[test]
    fn an_excerpt_is_accepted() {
        assert!(complaints_of(PAGE).is_empty());
        let without_label = PAGE.replacen("```rust", "```", 1);
        assert!(complaints_of(&without_label).is_empty());
    }

    #[test]
    fn an_excerpt_of_an_example_in_the_documentation_is_accepted() {
        let text = "//! ```\n//! let order = 7;\n//!\n//! send(order);\n//! ```\n".to_owned();
        let source = Source { name: "order.rs".to_owned(), text };
        let page = "```rust\nlet order = 7;\n\nsend(order);\n```\n";
        assert!(complaints("page.md", page, &[source]).is_empty());
    }

    #[test]
    fn a_changed_line_is_found() {
        let changed = PAGE.replace("{ item: 7 }", "{ item: 8 }");
        let complaints = complaints_of(&changed);
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].starts_with("page.md:5: "), "{}", complaints[0]);
        assert!(complaints[0].contains("order.rs") && complaints[0].contains("{ item: 8 }"));
    }

    #[test]
    fn a_missing_line_and_a_wrong_indentation_are_found() {
        assert_eq!(complaints_of(&PAGE.replace("\nassert_eq", "assert_eq")).len(), 1);
        assert_eq!(complaints_of(&PAGE.replace("    item: u32", "  item: u32")).len(), 1);
    }

    #[test]
    fn pieces_keep_their_order() {
        let turned = "```rust\nlet order = Order { item: 7 };\n// ..\nuse std::sync::Arc;\n```\n";
        assert_eq!(complaints_of(turned).len(), 1);
    }

    #[test]
    fn a_hidden_line_is_found_even_without_sources() {
        let hidden = "```\n# use std::sync::Arc;\nstruct Order;\n#\n#[test]\n```\n";
        let complaints = complaints("page.md", hidden, &[]);
        assert_eq!(complaints.len(), 2);
        assert!(complaints[0].starts_with("page.md:2: a hidden line"));
        assert!(complaints[1].starts_with("page.md:4: a hidden line"));
    }

    #[test]
    fn blocks_of_other_languages_are_left_alone() {
        assert!(
            complaints_of("```toml\n# a comment\n```\n```rust,compile_fail\nno()\n```").is_empty()
        );
    }
}
