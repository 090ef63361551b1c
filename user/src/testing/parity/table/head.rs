//! Headers: versions, pages, lengths, and what is there twice.

use super::subject::Subject;
use crate::testing::parity::{aspect::Aspect, request::Request};

/// Unusual headers, and headers that are there twice.
pub(super) fn rows(subject: &Subject) -> Vec<Request> {
    let row = |name: &str| subject.by_bearer(name);
    let mut rows = vec![
        Request { version: "HTTP/1.0", ..row("by HTTP/1.0") },
        row("with a long header").header("x-note", "a".repeat(8000)),
        row("with a header that is no text").header("x-note", b"\xe9\xff"),
        row("with an empty header").header("x-note", ""),
        row("with an accept header").header("accept", "text/html"),
        row("asked to override the method").header("x-http-method-override", "DELETE"),
        row("with a range").header("range", "bytes=0-1"),
        row("with a condition").header("if-none-match", "*"),
        (0..60).fold(row("with sixty headers"), |row, _| row.header("x-note", "a")),
    ];
    for site in ["same-origin", "same-site", "cross-site", "none", "", "Same-Origin"] {
        rows.push(row(&format!("from a page that is {site:?}")).header("sec-fetch-site", site));
    }
    for origin in ["https://evil.example", "null", "", "http://localhost"] {
        rows.push(row(&format!("from the origin {origin:?}")).header("origin", origin));
        rows.push(row(&format!("referred by {origin:?}")).header("referer", origin));
    }
    let twice = [
        row("from two sites")
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-site", "cross-site"),
        row("from two origins").header("origin", "null").header("origin", "https://evil.example"),
        row("with two bearer tokens").header("authorization", "Bearer [bearer]"),
        subject.by_cookie("with a cookie and two tokens").header("x-csrf-token", "[csrf]"),
        subject.by_cookie("with two headers of cookies").header("cookie", "a=b"),
        subject.by_cookie("with the cookie in two headers").header("cookie", "[cookie]"),
    ];
    rows.into_iter()
        .map(|row| row.of(Aspect::Head))
        .chain(twice.into_iter().map(|row| row.of(Aspect::DuplicateHeader)))
        .collect()
}
