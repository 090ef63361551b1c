use dullahan_core::BuildError;

const PAGE: &str = include_str!("wiring-defects.md");

/// Checks that every defect prints what the page shows, apart from line numbers and the folders before a file.
pub fn is_on_the_page(error: &BuildError) {
    let page = normal(PAGE);
    for defect in error.defects() {
        let printed = normal(&defect.to_string());
        assert!(page.contains(&printed), "the page does not show this:\n{printed}");
    }
}

/// Checks that the page shows the error whole.
pub fn is_on_the_page_as_a_whole(error: &BuildError) {
    let printed = normal(&format!("{error:?}"));
    assert!(normal(PAGE).contains(&printed), "the page does not show this:\n{printed}");
}

/// The text with the crate of the test called `my_app`, and every place in it `main.rs`.
fn normal(text: &str) -> String {
    text.split_inclusive([' ', '\n', '`']).map(word).collect()
}

fn word(word: &str) -> String {
    if let Some((_, line)) = word.split_once(".rs:") {
        return format!("main.rs{}", line.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    let of_the_test = ["my_app::", "rust_out::", "doctest_bundle_"];
    match word.rsplit_once("::") {
        Some((_, last)) if of_the_test.iter().any(|path| word.starts_with(path)) => {
            format!("my_app::{last}")
        }
        _ => word.to_owned(),
    }
}
