use dullahan_core::BuildError;

const PAGE: &str = include_str!("wiring-defects.md");

/// Checks that every defect prints what the page of the defects shows.
pub fn is_on_the_page(error: &BuildError) {
    error.defects().iter().for_each(|defect| is_shown(PAGE, &defect.to_string()));
}

/// Checks that the page of the defects shows the error whole.
pub fn is_on_the_page_as_a_whole(error: &BuildError) {
    is_shown(PAGE, &format!("{error:?}"));
}

/// Checks that a page shows a text, apart from spaces, line numbers, and the folders before a file.
pub fn is_shown(page: &str, printed: &str) {
    let printed = normal(printed);
    assert!(normal(page).contains(&printed), "the page does not show this:\n{printed}");
}

/// The text with the crate of the test called `my_app`, and every place in it `main.rs`.
fn normal(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| {
        let words = line.split_whitespace().map(|word| word.split_inclusive('`').map(part).collect());
        words.collect::<Vec<String>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn part(word: &str) -> String {
    if let Some((_, line)) = word.split_once(".rs:").or_else(|| word.split_once(".md:")) {
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
