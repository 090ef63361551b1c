//! Compares what is printed with what a page shows.

/// The first parts of the paths of functions that a page shows as those of an application.
const OWN: &[&str] = &["my_app", "pages", "wiring", "wiring_defects"];

/// Checks that a page shows a text, apart from spaces, line numbers, and the folders before a file.
pub(crate) fn is_shown(page: &str, printed: &str) {
    let printed = normal(printed);
    assert!(normal(page).contains(&printed), "the page does not show this:\n{printed}");
}

/// The text with the crate of the test called `my_app`, and every place in it `main.rs`.
fn normal(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| {
        let words =
            line.split_whitespace().map(|word| word.split_inclusive('`').map(part).collect());
        words.collect::<Vec<String>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn part(word: &str) -> String {
    if let Some((_, line)) = word.split_once(".rs:") {
        return format!("main.rs{}", line.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    match word.rsplit_once("::") {
        Some((path, last)) if path.split("::").next().is_some_and(|first| OWN.contains(&first)) => {
            format!("my_app::{last}")
        }
        None if word == "pages" => "my_app".to_owned(),
        _ => word.to_owned(),
    }
}
